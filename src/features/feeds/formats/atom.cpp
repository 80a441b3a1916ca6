// Atom 1.0 (RFC 4287) and 0.3, among them GitHub's releases and YouTube's channels.
#include <set>

#include "base/text.hpp"
#include "crypto/crypto.hpp"
#include "features/feeds/formats/address.hpp"
#include "features/feeds/formats/date.hpp"
#include "features/feeds/formats/html.hpp"
#include "features/feeds/formats/item_limits.hpp"
#include "features/feeds/formats/readers.hpp"
#include "features/feeds/formats/xml.hpp"

namespace bb::feeds {
namespace {

constexpr std::string_view github_release = "tag:github.com,2008:Repository/";

// A text construct (RFC 4287 section 3.1).
PlainText text_construct(pugi::xml_node node) {
  const std::string type = to_lower(trim(node.attribute("type").value()));
  const std::string mode = to_lower(node.attribute("mode").value());
  if (mode == "base64") {  // of Atom 0.3
    return html_to_text(crypto::from_base64(trim(text_of(node))).value_or(""));
  }
  const bool is_escaped = mode == "escaped";
  if (type == "html" || type == "text/html" || is_escaped || type.find("xhtml") != type.npos) {
    return html_to_text(html_of(node));
  }
  return {.text = std::string(trim(text_of(node)))};
}

struct Link {
  std::string href;  // as written
  std::string base;
};

// The page for people among the links of a feed or an entry.
Link page_of(const Names& names, pugi::xml_node parent, const std::string& base) {
  const Name link_name{.vocabulary = Vocabulary::core, .local = "link"};
  for (const pugi::xml_node& child : parent.children()) {
    const std::string_view rel = child.attribute("rel").value();
    if (names.of(child) == link_name && (rel.empty() || equals_ignoring_case(rel, "alternate")) &&
        child.attribute("href")) {
      return {.href = std::string(trim(child.attribute("href").value())),
              .base = base_of(child, base)};
    }
  }
  return {};
}

std::size_t media_of(const Names& names, pugi::xml_node entry) {
  std::set<std::string_view> urls;
  for (const pugi::xml_node& child : entry.children()) {
    const Name name = names.of(child);
    const std::string_view rel = child.attribute("rel").value();
    if (name == Name{.vocabulary = Vocabulary::core, .local = "link"} &&
        equals_ignoring_case(rel, "enclosure")) {
      urls.insert(child.attribute("href").value());
    } else if (name == Name{.vocabulary = Vocabulary::media, .local = "content"}) {
      urls.insert(child.attribute("url").value());
    } else if (name == Name{.vocabulary = Vocabulary::media, .local = "group"}) {
      // Several forms of one thing: the first stands for all.
      const pugi::xml_node member = child.find_child([&](const pugi::xml_node& node) {
        return names.of(node) == Name{.vocabulary = Vocabulary::media, .local = "content"};
      });
      if (member) {
        urls.insert(member.attribute("url").value());
      }
    }
  }
  return urls.size();
}

// YouTube's text is in <media:group>.
std::string media_description(const Names& names, pugi::xml_node entry) {
  const auto named = [&](std::string_view local) {
    return [&names, local](const pugi::xml_node& node) {
      return names.of(node) == Name{.vocabulary = Vocabulary::media, .local = local};
    };
  };
  return text_of(entry.find_child(named("group")).find_child(named("description")));
}

std::vector<std::string> hashtags_of(const Names& names, pugi::xml_node entry) {
  std::vector<std::string> tags;
  for (const pugi::xml_node& child : entry.children()) {
    if (names.of(child) != Name{.vocabulary = Vocabulary::core, .local = "category"}) {
      continue;
    }
    const std::string_view term = child.attribute("term").value();
    add_hashtag(tags, term.empty() ? child.attribute("label").value() : term);
  }
  return tags;
}

std::optional<TimePoint> first_date(const Names& names, pugi::xml_node entry) {
  for (const std::string_view local : {"published", "issued", "created", "updated", "modified"}) {
    if (const auto date = parse_date(text_of(names.child(entry, local)))) {
      return date;
    }
  }
  return std::nullopt;
}

Entry read_entry(const Names& names, pugi::xml_node element, const std::string& around) {
  const std::string base = base_of(element, around);
  const pugi::xml_node content = names.child(element, "content");
  const pugi::xml_node summary = names.child(element, "summary");
  Link link = page_of(names, element, base);
  if (link.href.empty()) {
    link = {.href = content.attribute("src").value(), .base = base_of(content, base)};
  }
  Entry entry{.id = std::string(trim(text_of(names.child(element, "id")))),
              .link = std::move(link.href)};
  Item& item = entry.item;
  item.url = resolve_address(link.base, entry.link);
  item.title = one_line(text_construct(names.child(element, "title")).text);
  PlainText summarised = text_construct(summary);
  if (summarised.text.empty()) {
    summarised = text_construct(content);
  }
  item.text = shortened(summarised.text);
  if (item.text.empty()) {
    item.text = shortened(media_description(names, element));
  }
  item.author = one_line(text_of(names.child(names.child(element, "author"), "name")));
  item.published_at = first_date(names, element);
  const std::size_t attached = media_of(names, element);
  item.media = attached > 0 ? attached : summarised.media;
  item.hashtags = hashtags_of(names, element);
  item.is_prerelease = entry.id.starts_with(github_release) &&
                       is_prerelease(std::string_view(entry.id).substr(entry.id.rfind('/') + 1));
  return entry;
}

}  // namespace

Result<Reading> read_atom(pugi::xml_node root, const std::string& address) {
  const Names names(root);
  const std::string base = base_of(root, address);
  const Link page = page_of(names, root, base);
  const bool is_old = std::string_view(root.attribute("version").value()).starts_with("0.");
  Reading reading{.document = {.format = is_old ? "Atom 0.3" : "Atom",
                               .title = one_line(text_construct(names.child(root, "title")).text),
                               .link = resolve_address(page.base, page.href)}};
  for (const pugi::xml_node& child : root.children()) {
    if (names.of(child) != Name{.vocabulary = Vocabulary::core, .local = "entry"}) {
      continue;
    }
    if (reading.entries.size() == most_entries) {
      return fail(ErrorCode::bad_response,
                  "the feed has more than " + std::to_string(most_entries) + " items");
    }
    reading.entries.push_back(read_entry(names, child, base));
  }
  return reading;
}

}  // namespace bb::feeds
