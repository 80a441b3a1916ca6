// How a digest reads. Platforms limit the length of texts as rendered, which is measured, so that
// nothing is cut in the middle later.
#include <algorithm>
#include <iterator>
#include <map>
#include <ranges>

#include "base/text.hpp"
#include "chat/sanitize.hpp"
#include "features/github_activity/digest.hpp"

namespace bb::github_activity {
namespace {

using chat::Span;
using chat::Text;

constexpr std::size_t most_highlights = 8;
constexpr std::size_t most_blocks = 45;       // Slack refuses more than 50
constexpr std::size_t most_section = 2'900;   // Slack: 3,000 characters
constexpr std::size_t most_fallback = 3'800;  // notifications and screen readers: about 4,000
constexpr std::size_t most_message = 12'000;  // Slack refuses larger ones (msg_blocks_too_long)
constexpr std::size_t most_name_bytes = 60;   // of a login; GitHub allows 39
constexpr std::size_t most_link_bytes = 200;
constexpr std::size_t most_path_bytes = 600;
constexpr std::size_t fallback_links = 3;
constexpr std::size_t around_a_block = 200;  // JSON, and the description of a picture

std::string name_of(const Section& section) {
  return truncate(chat::one_line(section.login), most_name_bytes);
}

std::string text_of(const Link& link) {
  return truncate(chat::one_line(link.text), most_link_bytes);
}

std::string profile_of(const Section& section, const Presentation& presentation) {
  return profile_url(presentation.web_url, name_of(section));
}

Span person_span(const Section& section, const Presentation& presentation) {
  Span span{.text = name_of(section), .style = chat::Style::bold};
  if (section.user.value.empty() || !section.mention) {
    span.url = profile_of(section, presentation);
  } else {
    span.user = section.user;
  }
  return span;
}

Span link_span(const Link& link, const Presentation& presentation) {
  const bool is_short = link.path.size() <= most_path_bytes;
  return {.text = text_of(link),
          .url = is_short ? presentation.web_url + link.path : std::string()};
}

std::string count_text(const Item& item) {
  return count_of(item.count, item.category->singular, item.category->plural);
}

// How many links of each item of a section are shown.
using Shown = std::vector<std::size_t>;

// "and 12 more": the profile has what is cut.
void append_more(Text& text, const Section& section, std::size_t count,
                 const Presentation& presentation) {
  text.push_back({.text = "and "});
  text.push_back(
      {.text = std::to_string(count) + " more", .url = profile_of(section, presentation)});
}

Text section_text(const Section& section, const Shown& shown, const Presentation& presentation) {
  Text text = {person_span(section, presentation)};
  std::size_t without_link = 0;
  for (std::size_t line = 0; line < section.items.size(); ++line) {
    const Item& item = section.items[line];
    text.push_back({.text = "\n"});
    text.push_back(
        {.text = std::string(item.category->symbol), .emoji = std::string(item.category->emoji)});
    if (shown[line] == 0) {
      text.push_back({.text = " " + count_text(item)});
      without_link += item.link_count;
      continue;
    }
    text.push_back({.text = " " + count_text(item) + std::string(item.category->lead)});
    for (std::size_t i = 0; i < shown[line]; ++i) {
      if (i > 0) {
        text.push_back({.text = ", "});
      }
      text.push_back(link_span(item.links[i], presentation));
    }
    if (shown[line] < item.link_count) {
      text.push_back({.text = " "});
      append_more(text, section, item.link_count - shown[line], presentation);
    }
  }
  if (without_link > 0) {
    text.push_back({.text = "\n"});
    append_more(text, section, without_link, presentation);
  }
  return text;
}

// With as many links as fit: the item that shows most gives up one after the other.
Text section_text(const Section& section, const Presentation& presentation) {
  Shown shown;
  for (const Item& item : section.items) {
    shown.push_back(item.links.size());
  }
  Text text = section_text(section, shown, presentation);
  std::size_t sum = presentation.length(text);
  while (sum > most_section) {
    const auto longest = std::ranges::max_element(std::views::reverse(shown)).base() - 1;
    if (*longest == 0) {
      return section_text(section, shown, presentation);
    }
    const Item& item = section.items[static_cast<std::size_t>(longest - shown.begin())];
    --*longest;
    sum -= std::min(sum, presentation.length(
                             {link_span(item.links[*longest], presentation), Span{.text = ", "}}));
    if (sum <= most_section) {
      text = section_text(section, shown, presentation);
      sum = presentation.length(text);  // what counts the links that are cut has grown
    }
  }
  return text;
}

std::string fallback_line(const Section& section, std::size_t links) {
  std::string line = "\n" + name_of(section) + ": ";
  for (const Item& item : section.items) {
    if (&item != &section.items.front()) {
      line += "; ";
    }
    line += count_text(item);
    const std::size_t shown = std::min(links, item.links.size());
    for (std::size_t i = 0; i < shown; ++i) {
      line += i == 0 ? std::string(item.category->lead) : ", ";
      line += text_of(item.links[i]);
    }
    if (shown > 0 && shown < item.link_count) {
      line += " and " + std::to_string(item.link_count - shown) + " more";
    }
  }
  return line + ".";
}

std::string day_text(const TimeZone& zone, TimePoint time, const char* before_day) {
  const std::string day = zone.format(time, "%e");
  return zone.format(time, before_day) + std::string(trim(day)) + zone.format(time, ", %Y");
}

std::string title_of(const Digest& digest) {
  const auto [since, until, late_since] = digest.window;
  // The window ends before `until`: a summary of all Monday is not one of Tuesday.
  const TimePoint last = std::max(since, until - std::chrono::milliseconds(1));
  if (until - since <= std::chrono::hours(36)) {
    return "GitHub activity, " + day_text(digest.zone, last, "%A, %B ");
  }
  return "GitHub activity, " + day_text(digest.zone, since, "%B ") + " to " +
         day_text(digest.zone, last, "%B ");
}

std::string window_text(const Digest& digest) {
  constexpr const char* pattern = "%Y-%m-%d %H:%M";
  return "From " + digest.zone.format(digest.window.since, pattern) + " to " +
         digest.zone.format(digest.window.until, pattern) + " (" + digest.zone.name() + ")";
}

// "3 people: 1 release, 12 pushes and 4 stars"
std::string totals_text(const Digest& digest) {
  std::map<const Category*, std::size_t> totals;
  for (const Section& section : digest.sections) {
    for (const Item& item : section.items) {
      totals[item.category] += item.count;
    }
  }
  std::vector<std::string> parts;
  for (const auto& [category, count] : totals) {
    parts.push_back(count_of(count, category->singular, category->plural));
  }
  return count_of(digest.sections.size(), "person", "people") + ": " + join_words(parts);
}

chat::Message empty_message(const Digest& digest) {
  const std::string words =
      digest.is_unknown
          ? "Nothing to show: GitHub could not be asked about most of us. What we did will be in "
            "the next summary."
          : "All quiet: nobody here was active in public. A good day to start something!";
  const chat::Span picture = digest.is_unknown
                                 ? chat::Span{.text = "📡", .emoji = "satellite_antenna"}
                                 : chat::Span{.text = "🌱", .emoji = "seedling"};
  return {
      .fallback = title_of(digest) + ". " + window_text(digest) + ".\n" + words,
      .blocks = {chat::Header{title_of(digest)}, chat::Section{{picture, {.text = " " + words}}},
                 chat::Context{{{.text = window_text(digest)}}}}};
}

struct HighlightWords {
  std::string_view emoji;
  std::string_view symbol;
  std::string words;  // before the link
};

HighlightWords words_of(const Highlight& highlight) {
  switch (highlight.kind) {
    case HighlightKind::starred:
      return {"star2", "🌟", count_of(highlight.members, "member", "members") + " starred "};
    case HighlightKind::contributed:
      return {"busts_in_silhouette", "👥",
              count_of(highlight.members, "member", "members") + " contributed to "};
    case HighlightKind::first_release:
      return {"tada", "🎉", "First release: "};
    case HighlightKind::first_pull_request:
      return {"tada", "🎉",
              "First pull request of " +
                  truncate(chat::one_line(highlight.login), most_name_bytes) +
                  " that we have seen: "};
  }
  return {};
}

Text highlight_line(const Highlight& highlight, const Presentation& presentation) {
  const auto [emoji, symbol, words] = words_of(highlight);
  return {{.text = "\n"},
          {.text = std::string(symbol), .emoji = std::string(emoji)},
          {.text = " " + words},
          link_span(highlight.link, presentation)};
}

// As many as fit, and how many there are beside them.
Text highlights_text(const Digest& digest, const Presentation& presentation) {
  constexpr std::size_t ends = 100;  // the title, and what counts the others
  Text text = {{.text = "Highlights", .style = chat::Style::bold}};
  std::size_t sum = ends;
  std::size_t shown = 0;
  while (shown < std::min(digest.highlights.size(), most_highlights)) {
    Text line = highlight_line(digest.highlights[shown], presentation);
    sum += presentation.length(line);
    if (sum > most_section) {
      break;
    }
    std::ranges::move(line, std::back_inserter(text));
    ++shown;
  }
  if (shown < digest.highlights.size()) {
    text.push_back(
        {.text = "\nand " + std::to_string(digest.highlights.size() - shown) + " more below"});
  }
  return text;
}

// What listeners hear: emoji say nothing to them.
std::string spoken(const Text& text) {
  std::string words;
  for (const Span& span : text) {
    words += span.emoji.empty() ? span.text : "";
  }
  return words;
}

chat::Message lead_message(const Digest& digest, const Presentation& presentation) {
  chat::Message message{
      .fallback = title_of(digest) + ". " + window_text(digest) + ".",
      .blocks = {chat::Header{title_of(digest)}, chat::Context{{{.text = window_text(digest)}}}}};
  if (!digest.highlights.empty()) {
    Text text = highlights_text(digest, presentation);
    message.fallback += "\n" + spoken(text);
    message.blocks.emplace_back(chat::Section{std::move(text)});
  }
  message.fallback += "\n" + totals_text(digest) + ".";
  message.blocks.emplace_back(chat::Section{{{.text = totals_text(digest)}}});
  return message;
}

// One message's share of the people, and its text as it grows.
struct Page {
  std::vector<const Section*> sections;
  std::vector<chat::Block> blocks;
  std::size_t length = 0;
  std::size_t fallback_length = 0;
};

// One block is left for the heading of each page.
std::vector<Page> split_into_pages(const Digest& digest, const Presentation& presentation) {
  constexpr std::size_t heading = 200;
  std::vector<Page> pages;
  for (const Section& section : digest.sections) {
    chat::Section block = render_section(section, presentation);
    const std::size_t length =
        presentation.length(block.text) + section.avatar_url.size() + around_a_block;
    const std::size_t line_length = presentation.length({{.text = fallback_line(section, 0)}});
    if (pages.empty() || pages.back().blocks.size() + 1 >= most_blocks ||
        pages.back().length + length > most_message ||
        pages.back().fallback_length + line_length > most_fallback) {
      pages.push_back(
          {.sections = {}, .blocks = {}, .length = heading, .fallback_length = heading});
    }
    Page& page = pages.back();
    page.sections.push_back(&section);
    page.blocks.emplace_back(std::move(block));
    page.length += length;
    page.fallback_length += line_length;
  }
  return pages;
}

// With as many links as fit, as those who listen to the text want to know what was done, too: who
// has the longest line gives up first.
std::string fallback_of(const Page& page, const std::string& heading, chat::Measure length) {
  struct Line {
    const Section* section;
    std::size_t links = fallback_links;
    std::string text = {};
    std::size_t length = 0;
  };
  std::vector<Line> lines;
  std::size_t sum = length({{.text = heading}});
  const auto write = [length](Line& line) {
    line.text = fallback_line(*line.section, line.links);
    line.length = length({{.text = line.text}});
  };
  for (const Section* section : page.sections) {
    write(lines.emplace_back(Line{.section = section}));
    sum += lines.back().length;
  }
  while (sum > most_fallback) {
    Line& longest = *std::ranges::max_element(
        lines, {}, [](const Line& line) { return line.links > 0 ? line.length : 0; });
    if (longest.links == 0) {
      break;
    }
    sum -= longest.length;
    --longest.links;
    write(longest);
    sum += longest.length;
  }
  std::string text = heading;
  for (const Line& line : lines) {
    text += line.text;
  }
  return text;
}

Part part_of(const Digest& digest, Page page, PartNumber number, const Presentation& presentation) {
  Part part;
  std::string heading = title_of(digest);
  if (number.parts > 1) {
    heading += ", part " + std::to_string(number.part) + " of " + std::to_string(number.parts);
    part.message.blocks.emplace_back(chat::Context{{{.text = heading}}});
  }
  std::ranges::move(page.blocks, std::back_inserter(part.message.blocks));
  part.message.fallback = fallback_of(page, heading + ":", presentation.length);
  for (const Section* section : page.sections) {
    part.people.push_back(section->user);
  }
  return part;
}

}  // namespace

std::string profile_url(std::string_view web_url, std::string_view login) {
  return std::string(web_url) + "/" + std::string(login);
}

chat::Section render_section(const Section& section, const Presentation& presentation) {
  chat::Section block{.text = section_text(section, presentation)};
  if (!section.avatar_url.empty()) {
    block.picture.push_back(
        {.url = section.avatar_url, .description = "Picture of " + name_of(section)});
  }
  return block;
}

std::vector<Part> render_parts(const Digest& digest, const Presentation& presentation) {
  if (digest.sections.empty()) {
    return {{.message = empty_message(digest)}};
  }
  std::vector<Part> parts = {{.message = lead_message(digest, presentation)}};
  std::vector<Page> pages = split_into_pages(digest, presentation);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    parts.push_back(
        part_of(digest, std::move(pages[i]), {.part = i + 1, .parts = pages.size()}, presentation));
  }
  return parts;
}

std::vector<chat::Message> render(const Digest& digest, const Presentation& presentation) {
  std::vector<chat::Message> messages;
  for (Part& part : render_parts(digest, presentation)) {
    messages.push_back(std::move(part.message));
  }
  return messages;
}

std::vector<Part> render_people(const Digest& digest, PartNumber number,
                                const Presentation& presentation) {
  std::vector<Part> parts;
  for (Page& page : split_into_pages(digest, presentation)) {
    parts.push_back(part_of(digest, std::move(page), number, presentation));
  }
  return parts;
}

}  // namespace bb::github_activity
