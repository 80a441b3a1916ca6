#include "sim/slack_blocks.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <initializer_list>
#include <set>

#include "base/json.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using Refusal = std::optional<std::string>;
using Words = std::initializer_list<std::string_view>;

constexpr std::size_t max_blocks = 50;
constexpr std::size_t max_block_id = 255;
constexpr std::size_t max_section_text = 3'000;
constexpr std::size_t max_field_text = 2'000;
constexpr std::size_t max_fields = 10;
constexpr std::size_t max_header_text = 150;
constexpr std::size_t max_context_elements = 10;
constexpr std::size_t max_actions = 25;
constexpr std::size_t max_button_text = 75;
constexpr std::size_t max_alt_text = 2'000;
constexpr std::size_t max_url = 3'000;
constexpr std::size_t max_value = 2'000;
constexpr std::size_t max_markdown = 12'000;
constexpr std::size_t max_metadata = 8'000;

enum class TextType { plain, any };

Refusal refuse(std::string_view why, const std::string& path) {
  return std::string(why) + " [json-pointer:" + path + "]";
}

bool is_one_of(std::string_view word, Words words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Of all strings but the names of types.
std::size_t characters_in(const value& item) {
  std::size_t sum = 0;
  if (const object* members = item.if_object()) {
    for (const auto& [key, member] : *members) {
      sum += key == "type" ? 0 : characters_in(member);
    }
  } else if (const array* elements = item.if_array()) {
    for (const value& element : *elements) {
      sum += characters_in(element);
    }
  } else if (item.is_string()) {
    sum = count_characters(item.get_string());
  }
  return sum;
}

std::string type_of(const value& item) {
  return json::string(item, "type").value_or("");
}

Refusal find_unknown_member(const value& item, Words known, const std::string& path) {
  for (const auto& member : item.as_object()) {
    if (!is_one_of(member.key(), known)) {
      return refuse("invalid additional property: " + std::string(member.key()), path);
    }
  }
  return std::nullopt;
}

Refusal check_string(const value& item, std::string_view name, std::size_t max_characters,
                     const std::string& path) {
  const value* found = json::find(item, name);
  if (found == nullptr) {
    return refuse("missing required field: " + std::string(name), path);
  }
  const auto text = json::string(item, name);
  const std::string here = path + "/" + std::string(name);
  if (!text) {
    return refuse("must be a string", here);
  }
  if (text->empty()) {
    return refuse("must be more than 0 characters", here);
  }
  if (count_characters(*text) > max_characters) {
    return refuse("must be less than " + std::to_string(max_characters + 1) + " characters", here);
  }
  return std::nullopt;
}

Refusal check_optional_string(const value& item, std::string_view name, std::size_t max_characters,
                              const std::string& path) {
  return json::find(item, name) == nullptr ? std::nullopt
                                           : check_string(item, name, max_characters, path);
}

Refusal check_text(const value* text, TextType allowed, std::size_t max_characters,
                   const std::string& path) {
  if (text == nullptr) {
    return refuse("missing required field: text", path);
  }
  if (!text->is_object()) {
    return refuse("must be an object", path);
  }
  const std::string type = type_of(*text);
  if (type != "plain_text" && (allowed == TextType::plain || type != "mrkdwn")) {
    return refuse("unsupported type: " + type, path + "/type");
  }
  Refusal unknown = type == "mrkdwn"
                        ? find_unknown_member(*text, {"type", "text", "verbatim"}, path)
                        : find_unknown_member(*text, {"type", "text", "emoji"}, path);
  if (unknown) {
    return unknown;
  }
  return check_string(*text, "text", max_characters, path);
}

bool is_web_address(const std::string& url) {
  return url.starts_with("https://") || url.starts_with("http://") || url.starts_with("mailto:");
}

Refusal check_button(const value& button, const std::string& path) {
  if (Refusal refusal = find_unknown_member(
          button,
          {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"},
          path)) {
    return refusal;
  }
  if (Refusal refusal = check_text(json::find(button, "text"), TextType::plain, max_button_text,
                                   path + "/text")) {
    return refusal;
  }
  for (const auto& [name, limit] : {std::pair{"url", max_url}, std::pair{"value", max_value},
                                    std::pair{"action_id", max_block_id}}) {
    if (Refusal refusal = check_optional_string(button, name, limit, path)) {
      return refusal;
    }
  }
  if (const auto url = json::string(button, "url"); url && !is_web_address(*url)) {
    return refuse("must be a valid URL", path + "/url");
  }
  const auto style = json::string(button, "style");
  if (style && *style != "primary" && *style != "danger") {
    return refuse("must be a valid enum value", path + "/style");
  }
  return std::nullopt;
}

// Slack fetches the picture itself, over https only.
Refusal check_image(const value& image, const std::string& path) {
  if (json::find(image, "slack_file") == nullptr) {
    if (Refusal refusal = check_string(image, "image_url", max_url, path)) {
      return refusal;
    }
    if (!json::string(image, "image_url")->starts_with("https://")) {
      return refuse("must be a valid URL", path + "/image_url");
    }
  }
  return check_string(image, "alt_text", max_alt_text, path);
}

Refusal check_image_element(const value& image, const std::string& path) {
  if (Refusal refusal =
          find_unknown_member(image, {"type", "image_url", "slack_file", "alt_text"}, path)) {
    return refusal;
  }
  return check_image(image, path);
}

Refusal check_element(const value& element, const std::string& path) {
  if (!element.is_object()) {
    return refuse("must be an object", path);
  }
  const std::string type = type_of(element);
  if (type == "button") {
    return check_button(element, path);
  }
  if (type == "image") {
    return check_image_element(element, path);
  }
  if (is_one_of(type, {"static_select", "users_select", "channels_select", "conversations_select",
                       "external_select", "overflow", "datepicker", "timepicker", "checkboxes",
                       "radio_buttons", "workflow_button"})) {
    return std::nullopt;
  }
  return refuse("unsupported type: " + type, path + "/type");
}

Refusal check_fields(const value& block, const std::string& path) {
  const array* fields = json::array(block, "fields");
  if (fields == nullptr || fields->empty() || fields->size() > max_fields) {
    return refuse("must have 1 to 10 items", path + "/fields");
  }
  for (std::size_t i = 0; i < fields->size(); ++i) {
    if (Refusal refusal = check_text(&(*fields)[i], TextType::any, max_field_text,
                                     path + "/fields/" + std::to_string(i))) {
      return refusal;
    }
  }
  return std::nullopt;
}

Refusal check_section(const value& block, const std::string& path) {
  if (Refusal refusal = find_unknown_member(
          block, {"type", "block_id", "text", "fields", "accessory", "expand"}, path)) {
    return refusal;
  }
  const value* text = json::find(block, "text");
  const bool has_fields = json::find(block, "fields") != nullptr;
  if (text != nullptr || !has_fields) {
    if (Refusal refusal = check_text(text, TextType::any, max_section_text, path + "/text")) {
      return refusal;
    }
  }
  if (has_fields) {
    if (Refusal refusal = check_fields(block, path)) {
      return refusal;
    }
  }
  const value* accessory = json::find(block, "accessory");
  return accessory == nullptr ? std::nullopt : check_element(*accessory, path + "/accessory");
}

Refusal check_header(const value& block, const std::string& path) {
  if (Refusal refusal = find_unknown_member(block, {"type", "block_id", "text"}, path)) {
    return refusal;
  }
  return check_text(json::find(block, "text"), TextType::plain, max_header_text, path + "/text");
}

Refusal check_elements(const value& block, std::size_t max_elements, const std::string& path,
                       Refusal (*check)(const value&, const std::string&)) {
  if (Refusal refusal = find_unknown_member(block, {"type", "block_id", "elements"}, path)) {
    return refusal;
  }
  const array* elements = json::array(block, "elements");
  if (elements == nullptr) {
    return refuse("missing required field: elements", path);
  }
  if (elements->empty() || elements->size() > max_elements) {
    return refuse("must have 1 to " + std::to_string(max_elements) + " items", path + "/elements");
  }
  for (std::size_t i = 0; i < elements->size(); ++i) {
    if (Refusal refusal = check((*elements)[i], path + "/elements/" + std::to_string(i))) {
      return refusal;
    }
  }
  return std::nullopt;
}

Refusal check_context_element(const value& element, const std::string& path) {
  if (element.is_object() && type_of(element) == "image") {
    return check_image_element(element, path);
  }
  return check_text(&element, TextType::any, max_section_text, path);
}

Refusal check_block(const value& block, const std::string& path) {
  const std::string type = type_of(block);
  if (type == "section") {
    return check_section(block, path);
  }
  if (type == "header") {
    return check_header(block, path);
  }
  if (type == "divider") {
    return find_unknown_member(block, {"type", "block_id"}, path);
  }
  if (type == "context") {
    return check_elements(block, max_context_elements, path, check_context_element);
  }
  if (type == "actions") {
    return check_elements(block, max_actions, path, check_element);
  }
  if (type == "image") {
    Refusal refusal = find_unknown_member(
        block, {"type", "block_id", "image_url", "slack_file", "alt_text", "title"}, path);
    return refusal ? refusal : check_image(block, path);
  }
  if (type == "markdown") {
    return check_string(block, "text", max_markdown, path);
  }
  if (is_one_of(type, {"rich_text", "video", "file", "input", "table", "context_actions"})) {
    return std::nullopt;
  }
  return refuse("unsupported type: " + type, path + "/type");
}

}  // namespace

std::optional<std::string> find_block_error(const boost::json::array& blocks) {
  if (blocks.size() > max_blocks) {
    return refuse("no more than 50 items allowed", "/blocks");
  }
  std::set<std::string> ids;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const value& block = blocks[i];
    const std::string path = "/blocks/" + std::to_string(i);
    if (!block.is_object()) {
      return refuse("must be an object", path);
    }
    if (Refusal refusal = check_optional_string(block, "block_id", max_block_id, path)) {
      return refusal;
    }
    const auto id = json::string(block, "block_id");
    if (id && !ids.insert(*id).second) {
      return refuse("`block_id` already exists: " + *id, path + "/block_id");
    }
    if (Refusal refusal = check_block(block, path)) {
      return refusal;
    }
  }
  return std::nullopt;
}

std::optional<std::string> find_metadata_error(const boost::json::value& metadata) {
  const auto event_type = json::string(metadata, "event_type");
  if (!metadata.is_object() || !event_type || event_type->empty() ||
      json::object(metadata, "event_payload") == nullptr) {
    return "invalid_metadata_format";
  }
  if (boost::json::serialize(metadata).size() > max_metadata) {
    return "metadata_too_large";
  }
  return std::nullopt;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    count += (octet & 0xC0U) == 0x80U ? 0U : octet >= 0xF0U ? 2U : 1U;
  }
  return count;
}

bool are_blocks_too_long(const boost::json::array& blocks) {
  constexpr std::size_t max_of_message = 12'000;
  std::size_t sum = 0;
  for (const value& block : blocks) {
    sum += characters_in(block);
  }
  return sum > max_of_message;
}

}  // namespace bb::sim
