// XML feeds: what RSS and Atom have in common.
#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bb::feeds {

// The vocabularies whose elements are known in feeds. The core is that of the feed's own format.
enum class Vocabulary { core, atom, dublin_core, content, media, itunes, other };

struct Name {
  Vocabulary vocabulary = Vocabulary::other;
  std::string_view local;

  bool operator==(const Name&) const = default;
};

// Names of elements without the prefixes that the feed chose for them. Declarations count on the
// root and on an unprefixed element itself; undeclared prefixes are taken for what they usually
// mean.
class Names {
 public:
  explicit Names(pugi::xml_node root);

  [[nodiscard]] Name of(pugi::xml_node element) const;

  // The first child with this name of the core.
  [[nodiscard]] pugi::xml_node child(pugi::xml_node parent, std::string_view local) const;

 private:
  struct Prefix {
    std::string_view text;
    Vocabulary vocabulary;
  };
  std::vector<Prefix> prefixes_;
};

// All characters in it, those of elements within too.
std::string text_of(pugi::xml_node node);

// Its content as HTML: what is escaped in it, or the elements in it.
std::string html_of(pugi::xml_node node);

// The address that relative links in `element` refer to, given that of what is around it.
std::string base_of(pugi::xml_node element, const std::string& around);

}  // namespace bb::feeds
