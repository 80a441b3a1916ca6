// Messages as every chat platform has them. Nothing is escaped here: each renderer escapes for its
// sink.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace bb::chat {

enum class Style { plain, bold, italic, code };

// A run of text. `url` makes it a link; `user` a mention, for which `text` is the name where
// mentions cannot be shown; `emoji` (a short name such as "star") an emoji, for which `text` is the
// Unicode form.
struct Span {
  std::string text = {};
  Style style = Style::plain;
  std::string url = {};
  UserId user = {};
  std::string emoji = {};

  bool operator==(const Span&) const = default;
};

using Text = std::vector<Span>;

struct Button {
  std::string label;
  std::string url;
  bool operator==(const Button&) const = default;
};

struct Image {
  std::string url;
  std::string description;
  bool operator==(const Image&) const = default;
};

struct Header {
  std::string text;  // plain, at most 150 characters are shown
  bool operator==(const Header&) const = default;
};
struct Section {
  Text text;
  std::vector<Image> picture = {};  // none or one, beside the text
  bool operator==(const Section&) const = default;
};
struct Buttons {
  std::vector<Button> buttons;
  bool operator==(const Buttons&) const = default;
};
struct Context {
  Text text;  // small print
  bool operator==(const Context&) const = default;
};
struct Divider {
  bool operator==(const Divider&) const = default;
};

using Block = std::variant<Header, Section, Buttons, Context, Divider>;

struct Message {
  std::string fallback;  // the message as one plain text: notifications and screen readers
  std::vector<Block> blocks = {};
  bool previews_links = false;  // the platform adds previews of the pages that it links to
  bool operator==(const Message&) const = default;
};

}  // namespace bb::chat
