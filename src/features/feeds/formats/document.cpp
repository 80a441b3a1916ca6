#include "features/feeds/formats/document.hpp"

#include <algorithm>
#include <pugixml.hpp>
#include <utility>

#include "base/text.hpp"
#include "features/feeds/formats/encoding.hpp"
#include "features/feeds/formats/item_limits.hpp"
#include "features/feeds/formats/readers.hpp"

namespace bb::feeds {
namespace {

// The parser needs 64 octets of memory for each: what is no feed must not take all there is.
constexpr std::ptrdiff_t most_tags = 500'000;
constexpr std::size_t longest_title = 500;

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

std::string line_of(std::string_view text, std::ptrdiff_t offset) {
  const auto end = text.begin() + std::clamp<std::ptrdiff_t>(offset, 0, std::ssize(text));
  return std::to_string(1 + std::count(text.begin(), end, '\n'));
}

Result<Reading> read_xml(std::string_view text, const std::string& address) {
  if (std::ranges::count(text, '<') > most_tags) {
    return fail(ErrorCode::bad_response,
                "the XML has more than " + std::to_string(most_tags) + " tags");
  }
  pugi::xml_document document;
  // Entities that the document defines are not expanded.
  const pugi::xml_parse_result parsed =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) {
    return fail(ErrorCode::bad_response, "the XML is not well-formed: line " +
                                             line_of(text, parsed.offset) + ", " +
                                             to_lower(parsed.description()));
  }
  const pugi::xml_node root = document.document_element();
  const std::string_view name = without_prefix(root.name());
  if (name == "rss" || name == "RDF") {
    return read_rss(root, address);
  }
  if (name == "feed") {
    return read_atom(root, address);
  }
  return fail(ErrorCode::bad_response, "this is XML, but neither RSS nor Atom: it begins with <" +
                                           truncate(escape_control(root.name()), 50) + ">");
}

Result<Reading> read(std::string_view text, const std::string& address) {
  switch (syntax_of(text)) {
    case Syntax::xml:
      return read_xml(text, address);
    case Syntax::json:
      return read_json_feed(text, address);
    case Syntax::html:
      return fail(ErrorCode::bad_response, "this is a web page, not a feed");
    case Syntax::other:
      break;
  }
  return fail(ErrorCode::bad_response,
              trim(text).empty() ? "there is nothing in it" : "this is neither XML nor JSON");
}

}  // namespace

Syntax syntax_of(std::string_view text) {
  constexpr std::size_t looked_at = 2'000;
  text = trim(text);
  if (text.starts_with('{')) {
    return Syntax::json;
  }
  if (!text.starts_with('<')) {
    return Syntax::other;
  }
  const std::string start = to_lower(text.substr(0, looked_at));
  const bool is_xml = start.find("<rss") != start.npos || start.find("<feed") != start.npos ||
                      start.find(":rdf") != start.npos;
  const bool is_page = start.find("<!doctype html") != start.npos ||
                       start.find("<html") != start.npos || start.find("<head") != start.npos;
  return is_page && !is_xml ? Syntax::html : Syntax::xml;
}

bool is_media_type(std::string_view type) {
  return type.starts_with("image/") || type.starts_with("video/") || type.starts_with("audio/");
}

Result<Document> parse_document(std::string_view octets, std::string_view address) {
  Result<Reading> reading = read(to_utf8(octets), std::string(address));
  if (!reading) {
    return fail(reading.error());
  }
  Document document = std::move(reading->document);
  document.title = truncate(document.title, longest_title);
  document.items = with_ids(std::move(reading->entries));
  for (Item& item : document.items) {
    item = within_limits(std::move(item));
  }
  return document;
}

}  // namespace bb::feeds
