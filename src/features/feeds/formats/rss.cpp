// RSS 0.90 to 2.0 and RSS 1.0 (RDF), with Dublin Core, Media RSS, iTunes and content:encoded.
#include <set>
#include <utility>

#include "base/text.hpp"
#include "features/feeds/formats/address.hpp"
#include "features/feeds/formats/date.hpp"
#include "features/feeds/formats/html.hpp"
#include "features/feeds/formats/item_limits.hpp"
#include "features/feeds/formats/readers.hpp"
#include "features/feeds/formats/xml.hpp"

namespace bb::feeds {
namespace {

// "Ada" of "ada@example.org (Ada)" and of "Ada <ada@example.org>". An address alone is no name.
std::string person(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::size_t bracket = text.find_first_of("(<");
  if (at == text.npos || bracket == text.npos) {
    return at == text.npos ? one_line(text) : std::string();
  }
  const std::string_view inner = text.substr(bracket + 1);
  return one_line(bracket < at ? text.substr(0, bracket) : inner.substr(0, inner.find(')')));
}

// Reads one <item>; later elements do not replace earlier ones of the same meaning.
class ItemReader {
 public:
  ItemReader(const Names& names, pugi::xml_node element, const std::string& base)
      : names_(names),
        base_(base_of(element, base)),
        about_(element.attribute("rdf:about").value()) {
    for (const pugi::xml_node& child : element.children()) {
      if (child.type() == pugi::node_element) {
        take(child);
      }
    }
  }

  Entry entry() {
    Entry entry{.id = id_, .link = link_};
    if (entry.link.empty()) {
      entry.link = !permalink_.empty() ? permalink_ : about_;
    }
    Item& item = entry.item;
    item.url = resolve_address(link_base_, entry.link);
    // What stands beside a title or a text says less than they, and is no part of the identity
    // then.
    const bool says_nothing = title_.empty() && description_.empty() && content_.empty();
    item.title = says_nothing ? other_title_ : title_;
    const PlainText summary = html_to_text(says_nothing           ? other_summary_
                                           : description_.empty() ? content_
                                                                  : description_);
    item.text = shortened(summary.text);
    item.author = author_;
    item.published_at = published_ ? published_ : updated_;
    item.media = media_.empty() ? summary.media : media_.size();
    item.hashtags = std::move(hashtags_);
    return entry;
  }

 private:
  void take(pugi::xml_node child) {
    const Name name = names_.of(child);
    switch (name.vocabulary) {
      case Vocabulary::core:
        return take_core(child, name.local);
      case Vocabulary::dublin_core:
        return take_dublin_core(child, name.local);
      case Vocabulary::content:
        return set(content_, html_of(child));
      case Vocabulary::media:
        return take_media(child, name.local);
      case Vocabulary::itunes:
        if (name.local == "author") {
          set(author_, person(text_of(child)));
        } else if (name.local == "title") {
          set(other_title_, title_to_text(text_of(child)));
        } else if (name.local == "summary") {
          set(other_summary_, html_of(child));
        }
        return;
      case Vocabulary::atom:
        if (name.local == "updated" || name.local == "published") {
          set(updated_, parse_date(text_of(child)));
        }
        return;
      case Vocabulary::other:
        return;
    }
  }

  void take_core(pugi::xml_node child, std::string_view local) {
    if (local == "title") {
      set(title_, title_to_text(html_of(child)));
    } else if (local == "link") {
      take_link(child);
    } else if (local == "guid") {
      take_guid(child);
    } else if (local == "description") {
      set(description_, html_of(child));
    } else if (local == "author") {
      set(author_, person(text_of(child)));
    } else if (local == "pubDate" || local == "pubdate") {
      set(published_, parse_date(text_of(child)));
    } else if (local == "category") {
      add_hashtag(hashtags_, text_of(child));
    } else if (local == "enclosure") {
      add_media(child.attribute("url").value());
    }
  }

  void take_link(pugi::xml_node child) {
    const std::string text(trim(text_of(child)));
    if (link_.empty() && !text.empty()) {
      link_ = text;
      link_base_ = base_of(child, base_);
    }
  }

  void take_guid(pugi::xml_node child) {
    set(id_, std::string(trim(text_of(child))));
    const std::string_view is_permalink = child.attribute("isPermaLink").value();
    if (!equals_ignoring_case(is_permalink, "false") && !resolve_address("", id_).empty()) {
      set(permalink_, id_);
    }
  }

  void take_dublin_core(pugi::xml_node child, std::string_view local) {
    if (local == "creator") {
      set(author_, person(text_of(child)));
    } else if (local == "date" || local == "issued" || local == "created") {
      set(published_, parse_date(text_of(child)));
    } else if (local == "modified") {
      set(updated_, parse_date(text_of(child)));
    } else if (local == "title") {
      set(title_, title_to_text(text_of(child)));
    } else if (local == "description") {
      set(description_, html_of(child));
    } else if (local == "subject") {
      add_hashtag(hashtags_, text_of(child));
    }
  }

  void take_media(pugi::xml_node child, std::string_view local) {
    if (local == "content") {
      add_media(child.attribute("url").value());
    } else if (local == "group") {
      take_group(child);
    } else if (local == "description") {
      set(description_, html_of(child));
    } else if (local == "title") {
      set(other_title_, title_to_text(html_of(child)));
    }
  }

  // Several forms of one thing: the first stands for all.
  void take_group(pugi::xml_node group) {
    bool has_content = false;
    for (const pugi::xml_node& member : group.children()) {
      const bool is_content =
          names_.of(member) == Name{.vocabulary = Vocabulary::media, .local = "content"};
      if (!is_content || !std::exchange(has_content, true)) {
        take(member);
      }
    }
  }

  template <class Value>
  static void set(Value& to, Value value) {
    if (to == Value()) {
      to = std::move(value);
    }
  }

  void add_media(std::string url) {
    if (!url.empty()) {
      media_.insert(std::move(url));
    }
  }

  const Names& names_;
  std::string base_;
  std::string link_base_ = base_;
  std::string about_;
  std::string id_;
  std::string permalink_;
  std::string link_;
  std::string title_;
  std::string other_title_;  // of Media RSS or iTunes
  std::string other_summary_;
  std::string description_;
  std::string content_;
  std::string author_;
  std::optional<TimePoint> published_;
  std::optional<TimePoint> updated_;
  std::set<std::string> media_;
  std::vector<std::string> hashtags_;
};

std::string format_of(pugi::xml_node root) {
  const std::string_view name = root.name();
  if (name.find("RDF") != name.npos) {
    return "RSS 1.0";
  }
  const std::string version = one_line(root.attribute("version").value());
  return version.empty() ? "RSS" : "RSS " + truncate(version, 10);
}

}  // namespace

Result<Reading> read_rss(pugi::xml_node root, const std::string& address) {
  const Names names(root);
  const pugi::xml_node channel = names.child(root, "channel");
  Reading reading{.document = {.format = format_of(root)}};
  const std::string base = base_of(channel, base_of(root, address));
  reading.document.title = title_to_text(html_of(names.child(channel, "title")));
  reading.document.link = resolve_address(base, text_of(names.child(channel, "link")));
  // Without xml:base, relative links mean the site, wherever the feed is kept.
  const bool is_site_base = base == address && !reading.document.link.empty();
  const std::string& item_base = is_site_base ? reading.document.link : base;
  // RSS 1.0 has its items beside the channel, others in it.
  for (const pugi::xml_node& parent : {channel, root}) {
    for (const pugi::xml_node& child : parent.children()) {
      if (names.of(child) != Name{.vocabulary = Vocabulary::core, .local = "item"}) {
        continue;
      }
      if (reading.entries.size() == most_entries) {
        return fail(ErrorCode::bad_response,
                    "the feed has more than " + std::to_string(most_entries) + " items");
      }
      reading.entries.push_back(ItemReader(names, child, item_base).entry());
    }
  }
  return reading;
}

}  // namespace bb::feeds
