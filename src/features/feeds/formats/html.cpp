#include "features/feeds/formats/html.hpp"

#include <gumbo.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"

namespace bb::feeds {
namespace {

// The parser takes time quadratic in the depth of elements, which is bounded by their number, and
// in the number of attributes of a tag, which is bounded by its length without quoted values.
constexpr std::size_t item_octets = 16 * 1024;
constexpr std::size_t item_tags = 500;
constexpr std::size_t page_octets = 1024 * 1024;
constexpr std::size_t page_tags = 10'000;
constexpr std::size_t tag_octets = 4 * 1024;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

// Where attributes are separated as the parser does it (HTML Standard section 13.2.5.32 ff).
bool is_long_tag(std::string_view html) {
  std::size_t counted = 0;
  bool is_value_next = false;
  bool is_unquoted_value = false;
  for (std::size_t at = 0; at < html.size(); ++at) {
    const char c = html[at];
    if (++counted > tag_octets) {
      return true;
    }
    if (c == '>') {
      return false;
    }
    if (is_space(c)) {
      is_unquoted_value = false;
    } else if (is_value_next && (c == '"' || c == '\'')) {
      at = html.find(c, at + 1);
      if (at == html.npos) {
        return false;
      }
      is_value_next = false;
    } else if (is_value_next) {
      is_unquoted_value = true;
      is_value_next = false;
    } else {
      is_value_next = c == '=' && !is_unquoted_value;
    }
  }
  return false;
}

// What the parser may see. Whether a "<" stands in a script or a comment is not asked: nothing that
// could begin a tag may begin a long one.
std::string_view start_of(std::string_view html, std::size_t most_tags) {
  std::size_t at = 0;
  for (std::size_t tags = 0; (at = html.find('<', at)) != html.npos; ++at) {
    if (++tags > most_tags || is_long_tag(html.substr(at))) {
      return html.substr(0, at);
    }
  }
  return html;
}

struct FreeTree {
  void operator()(GumboOutput* tree) const { gumbo_destroy_output(&kGumboDefaultOptions, tree); }
};
using Tree = std::unique_ptr<GumboOutput, FreeTree>;

Tree parse(std::string_view html) {
  GumboOptions options = kGumboDefaultOptions;
  options.max_errors = 0;
  return Tree(gumbo_parse_with_options(&options, html.data(), html.size()));
}

const GumboVector* children_of(const GumboNode& node) {
  switch (node.type) {
    case GUMBO_NODE_DOCUMENT:
      return &node.v.document.children;
    case GUMBO_NODE_ELEMENT:
    case GUMBO_NODE_TEMPLATE:
      return &node.v.element.children;
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_CDATA:
    case GUMBO_NODE_COMMENT:
    case GUMBO_NODE_WHITESPACE:
      break;
  }
  return nullptr;
}

// Calls `enter` for each node, which says whether to look into it, and `leave` when that is done.
// Without recursion: the depth comes from outside.
template <class Enter, class Leave>
void walk(const GumboNode& root, Enter enter, Leave leave) {
  struct Place {
    const GumboNode* node;
    unsigned next = 0;
  };
  std::vector<Place> path;
  const auto visit = [&](const GumboNode& node) {
    if (enter(node)) {
      path.push_back({&node});
    }
  };
  visit(root);
  while (!path.empty()) {
    Place& place = path.back();
    const GumboVector* children = children_of(*place.node);
    if (children != nullptr && place.next < children->length) {
      visit(*static_cast<const GumboNode*>(children->data[place.next++]));
    } else {
      leave(*place.node);
      path.pop_back();
    }
  }
}

std::string_view attribute(const GumboNode& node, const char* name) {
  const GumboAttribute* found = gumbo_get_attribute(&node.v.element.attributes, name);
  return found == nullptr ? std::string_view() : found->value;
}

enum class Role {
  inline_text,
  hidden,
  line,
  paragraph,
  item,
  line_break,
  picture,
  media,
  verbatim
};

struct TagRole {
  GumboTag tag;
  Role role;
};

constexpr TagRole roles[] = {
    {GUMBO_TAG_SCRIPT, Role::hidden},   {GUMBO_TAG_STYLE, Role::hidden},
    {GUMBO_TAG_HEAD, Role::hidden},     {GUMBO_TAG_TEMPLATE, Role::hidden},
    {GUMBO_TAG_NOSCRIPT, Role::hidden}, {GUMBO_TAG_SVG, Role::hidden},
    {GUMBO_TAG_IFRAME, Role::media},    {GUMBO_TAG_VIDEO, Role::media},
    {GUMBO_TAG_AUDIO, Role::media},     {GUMBO_TAG_OBJECT, Role::media},
    {GUMBO_TAG_IMG, Role::picture},     {GUMBO_TAG_BR, Role::line_break},
    {GUMBO_TAG_PRE, Role::verbatim},    {GUMBO_TAG_LI, Role::item},
    {GUMBO_TAG_P, Role::paragraph},     {GUMBO_TAG_BLOCKQUOTE, Role::paragraph},
    {GUMBO_TAG_UL, Role::paragraph},    {GUMBO_TAG_OL, Role::paragraph},
    {GUMBO_TAG_TABLE, Role::paragraph}, {GUMBO_TAG_H1, Role::paragraph},
    {GUMBO_TAG_H2, Role::paragraph},    {GUMBO_TAG_H3, Role::paragraph},
    {GUMBO_TAG_H4, Role::paragraph},    {GUMBO_TAG_H5, Role::paragraph},
    {GUMBO_TAG_H6, Role::paragraph},    {GUMBO_TAG_FIGURE, Role::paragraph},
    {GUMBO_TAG_HR, Role::paragraph},    {GUMBO_TAG_DIV, Role::line},
    {GUMBO_TAG_SECTION, Role::line},    {GUMBO_TAG_ARTICLE, Role::line},
    {GUMBO_TAG_HEADER, Role::line},     {GUMBO_TAG_FOOTER, Role::line},
    {GUMBO_TAG_TR, Role::line},         {GUMBO_TAG_DT, Role::line},
    {GUMBO_TAG_DD, Role::line},         {GUMBO_TAG_FIGCAPTION, Role::line},
};

Role role_of(const GumboNode& node) {
  if (node.type != GUMBO_NODE_ELEMENT) {
    return node.type == GUMBO_NODE_TEMPLATE ? Role::hidden : Role::inline_text;
  }
  const auto* const found = std::ranges::find(roles, node.v.element.tag, &TagRole::tag);
  return found == std::end(roles) ? Role::inline_text : found->role;
}

// White space as browsers show it.
class TextWriter {
 public:
  void add(std::string_view text) {
    for (const char c : text) {
      if (is_space(c)) {
        space_ = true;
      } else {
        add_gap();
        text_ += c;
      }
    }
  }

  void add_verbatim(std::string_view text) {
    add_gap();
    text_ += text;
  }

  // The next text stands `count` lines below; of several wishes the largest counts.
  void break_line(std::size_t count) { lines_ = std::max(lines_, count); }

  // A line break that somebody wrote, which adds to others.
  void add_line() { lines_ = std::min<std::size_t>(lines_ + 1, 2); }

  std::string take() { return std::string(trim(text_)); }

 private:
  void add_gap() {
    if (lines_ > 0 && !text_.empty()) {
      text_.append(lines_, '\n');
    } else if (space_ && !text_.empty()) {
      text_ += ' ';
    }
    lines_ = 0;
    space_ = false;
  }

  std::string text_;
  std::size_t lines_ = 0;
  bool space_ = false;
};

// Small pictures that belong to the text have it in words.
bool is_emoji(const GumboNode& picture) {
  const std::string_view classes = attribute(picture, "class");
  return classes.find("emoji") != classes.npos || classes.find("smiley") != classes.npos;
}

bool is_pixel(const GumboNode& picture) {
  return attribute(picture, "width") == "1" || attribute(picture, "height") == "1";
}

class Conversion {
 public:
  PlainText run(const GumboNode& root) {
    walk(
        root, [this](const GumboNode& node) { return enter(node); },
        [this](const GumboNode& node) { leave(node); });
    result_.text = writer_.take();
    return std::move(result_);
  }

 private:
  bool enter(const GumboNode& node) {
    if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE ||
        node.type == GUMBO_NODE_CDATA) {
      verbatim_ > 0 ? writer_.add_verbatim(node.v.text.text) : writer_.add(node.v.text.text);
      return false;
    }
    const Role role = role_of(node);
    switch (role) {
      case Role::hidden:
        return false;
      case Role::media:
        ++result_.media;
        return false;
      case Role::picture:
        add_picture(node);
        return false;
      case Role::line_break:
        writer_.add_line();
        return false;
      case Role::item:
        writer_.break_line(1);
        writer_.add_verbatim("\xE2\x80\xA2 ");
        return true;
      case Role::verbatim:
        ++verbatim_;
        break;
      case Role::inline_text:
      case Role::line:
      case Role::paragraph:
        break;
    }
    writer_.break_line(lines_around(role));
    return true;
  }

  void leave(const GumboNode& node) {
    const Role role = role_of(node);
    writer_.break_line(lines_around(role));
    verbatim_ -= role == Role::verbatim ? 1U : 0U;
  }

  static std::size_t lines_around(Role role) {
    switch (role) {
      case Role::paragraph:
      case Role::verbatim:
        return 2;
      case Role::line:
      case Role::item:
        return 1;
      case Role::inline_text:
      case Role::hidden:
      case Role::line_break:
      case Role::picture:
      case Role::media:
        break;
    }
    return 0;
  }

  void add_picture(const GumboNode& picture) {
    if (is_emoji(picture)) {
      writer_.add(attribute(picture, "alt"));
    } else if (!is_pixel(picture)) {
      ++result_.media;
    }
  }

  TextWriter writer_;
  PlainText result_;
  unsigned verbatim_ = 0;  // how many elements around here are
};

bool is_markup_in_titles(std::string_view after_angle) {
  static constexpr std::string_view names[] = {
      "a",     "abbr", "b",      "big",    "br",  "cite", "code", "del", "em",  "font", "h1",
      "h2",    "h3",   "i",      "img",    "ins", "kbd",  "mark", "p",   "q",   "s",    "samp",
      "small", "span", "strike", "strong", "sub", "sup",  "tt",   "u",   "var", "wbr",  "div"};
  if (after_angle.starts_with('/')) {
    after_angle.remove_prefix(1);
  }
  const std::string_view name = after_angle.substr(0, after_angle.find_first_of(" \t\r\n/>"));
  const std::size_t end = after_angle.find_first_of("<>");
  return end != after_angle.npos && after_angle[end] == '>' &&
         std::ranges::any_of(names, [&](auto one) { return equals_ignoring_case(one, name); });
}

bool is_feed_type(std::string_view type) {
  static constexpr std::string_view types[] = {"application/rss+xml",
                                               "application/atom+xml",
                                               "application/feed+json",
                                               "application/rdf+xml",
                                               "application/x.atom+xml",
                                               "application/xml",
                                               "text/xml"};
  type = trim(type.substr(0, type.find(';')));
  return std::ranges::any_of(types, [&](auto one) { return equals_ignoring_case(one, type); });
}

bool has_word(std::string_view list, std::string_view word) {
  return std::ranges::any_of(split(list, ' '),
                             [&](auto one) { return equals_ignoring_case(trim(one), word); });
}

void add_link(Page& page, const GumboNode& link) {
  const std::string_view rel = attribute(link, "rel");
  const std::string href(trim(attribute(link, "href")));
  if (href.empty()) {
    return;
  }
  if (has_word(rel, "canonical") && page.canonical.empty()) {
    page.canonical = href;
  } else if (has_word(rel, "alternate") && is_feed_type(attribute(link, "type"))) {
    page.feeds.push_back({.type = to_lower(trim(attribute(link, "type"))),
                          .title = one_line(attribute(link, "title")),
                          .href = href});
  }
}

}  // namespace

PlainText html_to_text(std::string_view html) {
  html = html.substr(0, item_octets);
  if (html.find_first_of("<&") == html.npos) {
    TextWriter writer;
    writer.add(html);
    return {.text = writer.take()};
  }
  const Tree tree = parse(start_of(html, item_tags));
  return Conversion().run(*tree->root);
}

std::string title_to_text(std::string_view title) {
  title = title.substr(0, item_octets);
  if (title.find_first_of("<&") == title.npos) {
    return one_line(title);
  }
  std::string escaped;
  for (std::size_t i = 0; i < title.size(); ++i) {
    if (title[i] == '<' && !is_markup_in_titles(title.substr(i + 1))) {
      escaped += "&lt;";
    } else {
      escaped += title[i];
    }
  }
  return one_line(html_to_text(escaped).text);
}

std::string one_line(std::string_view text) {
  TextWriter writer;
  writer.add(text);
  return writer.take();
}

Page read_page(std::string_view html) {
  Page page;
  const Tree tree = parse(start_of(html.substr(0, page_octets), page_tags));
  const auto enter = [&](const GumboNode& node) {
    if (node.type == GUMBO_NODE_ELEMENT && node.v.element.tag == GUMBO_TAG_LINK) {
      add_link(page, node);
    } else if (node.type == GUMBO_NODE_ELEMENT && node.v.element.tag == GUMBO_TAG_BASE &&
               page.base.empty()) {
      page.base = std::string(trim(attribute(node, "href")));
    }
    return true;
  };
  walk(*tree->root, enter, [](const GumboNode&) {});
  return page;
}

}  // namespace bb::feeds
