// A feed of the web as it was read: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "features/feeds/item.hpp"

namespace bb::feeds {

struct Document {
  std::string format;  // "RSS 2.0", "Atom", "JSON Feed"
  std::string title = {};
  std::string link = {};  // its page for people; http or https, absolute
  std::vector<Item> items = {};

  bool operator==(const Document&) const = default;
};

enum class Syntax { xml, json, html, other };

// By its first characters.
Syntax syntax_of(std::string_view text);

// The octets found at `address`, to which relative links refer. A bad_response says in words for
// people why it is no feed that can be read.
Result<Document> parse_document(std::string_view octets, std::string_view address);

}  // namespace bb::feeds
