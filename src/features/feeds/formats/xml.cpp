#include "features/feeds/formats/xml.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "features/feeds/formats/address.hpp"

namespace bb::feeds {
namespace {

// Each name is looked for among all of them.
constexpr std::size_t most_prefixes = 100;

struct Namespace {
  std::string_view address;
  Vocabulary vocabulary;
};

// Without their schemes and in lower case, as feeds differ in both.
constexpr Namespace namespaces[] = {
    {"www.w3.org/2005/atom", Vocabulary::atom},
    {"purl.org/atom/ns", Vocabulary::atom},
    {"purl.org/rss/1.0", Vocabulary::core},
    {"my.netscape.com/rdf/simple/0.9", Vocabulary::core},
    {"backend.userland.com/rss", Vocabulary::core},
    {"blogs.law.harvard.edu/tech/rss", Vocabulary::core},
    {"purl.org/dc/elements/1.", Vocabulary::dublin_core},
    {"purl.org/dc/terms", Vocabulary::dublin_core},
    {"purl.org/rss/1.0/modules/content", Vocabulary::content},
    {"purl.org/rss/1.0/modules/", Vocabulary::other},
    {"search.yahoo.com/mrss", Vocabulary::media},
    {"www.itunes.com/dtds/podcast-1.0", Vocabulary::itunes},
};

struct UsualPrefix {
  std::string_view prefix;
  Vocabulary vocabulary;
};

constexpr UsualPrefix usual_prefixes[] = {
    {"", Vocabulary::core},
    {"rss", Vocabulary::core},
    {"atom", Vocabulary::atom},
    {"dc", Vocabulary::dublin_core},
    {"dcterms", Vocabulary::dublin_core},
    {"content", Vocabulary::content},
    {"media", Vocabulary::media},
    {"itunes", Vocabulary::itunes},
};

Vocabulary vocabulary_at(std::string_view address) {
  std::string lower = to_lower(trim(address));
  if (const std::size_t scheme = lower.find("://"); scheme != std::string::npos) {
    lower.erase(0, scheme + 3);
  }
  // The longest match is the one that is meant.
  const Namespace* best = nullptr;
  for (const Namespace& one : namespaces) {
    if (lower.starts_with(one.address) &&
        (best == nullptr || one.address.size() > best->address.size())) {
      best = &one;
    }
  }
  return best == nullptr ? Vocabulary::other : best->vocabulary;
}

struct Split {
  std::string_view prefix;
  std::string_view local;
};

Split split_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == name.npos
             ? Split{.prefix = {}, .local = name}
             : Split{.prefix = name.substr(0, colon), .local = name.substr(colon + 1)};
}

bool has_elements(pugi::xml_node node) {
  return std::ranges::any_of(node.children(), [](const pugi::xml_node& child) {
    return child.type() == pugi::node_element;
  });
}

class StringWriter : public pugi::xml_writer {
 public:
  void write(const void* data, std::size_t size) override {
    text_.append(static_cast<const char*>(data), size);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

Names::Names(pugi::xml_node root) {
  const Split own = split_name(root.name());
  const bool is_atom = own.local == "feed" || own.local == "entry";
  for (const pugi::xml_attribute& attribute : root.attributes()) {
    const Split name = split_name(attribute.name());
    if (name.prefix != "xmlns" && std::string_view(attribute.name()) != "xmlns") {
      continue;
    }
    const std::string_view prefix = name.prefix.empty() ? "" : name.local;
    Vocabulary vocabulary = vocabulary_at(attribute.value());
    const bool is_of_root = prefix == own.prefix && own.local != "RDF";
    if (is_of_root || (is_atom && vocabulary == Vocabulary::atom)) {
      vocabulary = Vocabulary::core;
    }
    prefixes_.push_back({.text = prefix, .vocabulary = vocabulary});
    if (prefixes_.size() == most_prefixes) {
      break;
    }
  }
}

Name Names::of(pugi::xml_node element) const {
  const Split name = split_name(element.name());
  if (name.prefix.empty()) {
    const char* own = element.attribute("xmlns").value();
    if (*own != '\0' && element.parent().parent()) {
      const Vocabulary vocabulary = vocabulary_at(own);
      const bool is_core = vocabulary == Vocabulary::core || vocabulary == Vocabulary::atom;
      return {.vocabulary = is_core ? Vocabulary::core : Vocabulary::other, .local = name.local};
    }
  }
  const auto declared = std::ranges::find(prefixes_, name.prefix, &Prefix::text);
  if (declared != prefixes_.end()) {
    return {.vocabulary = declared->vocabulary, .local = name.local};
  }
  const auto* const usual = std::ranges::find(usual_prefixes, name.prefix, &UsualPrefix::prefix);
  return {.vocabulary = usual == std::end(usual_prefixes) ? Vocabulary::other : usual->vocabulary,
          .local = name.local};
}

pugi::xml_node Names::child(pugi::xml_node parent, std::string_view local) const {
  return parent.find_child([&](const pugi::xml_node& child) {
    return of(child) == Name{.vocabulary = Vocabulary::core, .local = local};
  });
}

std::string text_of(pugi::xml_node node) {
  std::string text;
  // In document order without recursion: the depth comes from outside.
  for (pugi::xml_node at = node.first_child(); at;) {
    if (at.type() == pugi::node_pcdata || at.type() == pugi::node_cdata) {
      text += at.value();
    }
    pugi::xml_node next = at.first_child();
    while (!next && at != node) {
      next = at.next_sibling();
      at = next ? at : at.parent();
    }
    at = next;
  }
  return text;
}

std::string html_of(pugi::xml_node node) {
  if (!has_elements(node)) {
    return text_of(node);
  }
  StringWriter writer;
  for (const pugi::xml_node& child : node.children()) {
    child.print(writer, "", pugi::format_raw | pugi::format_no_declaration);
  }
  return writer.take();
}

std::string base_of(pugi::xml_node element, const std::string& around) {
  const std::string_view written = element.attribute("xml:base").value();
  if (written.empty()) {
    return around;
  }
  std::string base = resolve_address(around, written);
  return base.empty() ? around : base;
}

}  // namespace bb::feeds
