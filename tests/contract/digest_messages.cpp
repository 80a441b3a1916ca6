// Whatever members do and however it is named: every message of a digest is one that Slack takes,
// and what was done is shown or counted as cut.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/random.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "chat/slack/render.hpp"
#include "features/github_activity/digest.hpp"
#include "features/github_activity/slack_digest.test.hpp"
#include "sim/slack_blocks.hpp"

namespace bb::github_activity {
namespace {

constexpr std::size_t most_fallback = 4'000;   // characters that Slack shows of `text`
constexpr std::size_t most_message = 100'000;  // octets of a request, far below Slack's limit

const TimePoint now = parse_rfc3339("2026-11-22T12:00:00Z").value();
const Window day{.since = now - std::chrono::hours(24), .until = now};

// Arbitrary activity, the same for the same seed.
class Arbitrary {
 public:
  explicit Arbitrary(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    const std::string bytes = random_.bytes(8);
    std::uint64_t number = 0;
    for (const char byte : bytes) {
      number = number << 8U | static_cast<unsigned char>(byte);
    }
    return static_cast<std::size_t>(number % bound);
  }

  bool one_in(std::size_t bound) { return below(bound) == 0; }

  std::string text() {
    static constexpr std::string_view parts[] = {
        "a",      "octo-cat", "<!channel>", "<@UEVIL>", "<#C1>",         "&amp;",
        "|",      "`",        "```",        "*",        "\u202E",        "\u200B",
        "\n",     "ü",        "🎉",         "\xff",     "<https://x|y>", "_",
        "~",      ">",        "\\",         "\"",       "@here",         std::string_view("\0", 1),
        "/../x",  "%00",      "]]>",        "�",        ":star:",        "javascript:alert(1)",
        "\u200E", "\u00AD",   "a\u200Db",   "\u061C",   "\U000E0041",    "\u05D0\u0645"};
    std::string result;
    const std::size_t count = one_in(150) ? 3'000 : below(12);
    const bool is_one_part = one_in(4);
    const std::size_t same = below(std::size(parts));
    for (std::size_t i = 0; i < count; ++i) {
      result += parts[is_one_part ? same : below(std::size(parts))];
    }
    return result;
  }

  std::string name() { return one_in(3) ? text() : "name" + std::to_string(below(30)); }

  github::Event event() {
    static constexpr std::string_view types[] = {
        "ReleaseEvent",      "CreateEvent",        "PublicEvent",       "ForkEvent",
        "PullRequestEvent",  "IssuesEvent",        "PushEvent",         "WatchEvent",
        "IssueCommentEvent", "DiscussionEvent",    "GollumEvent",       "MemberEvent",
        "SponsorshipEvent",  "CommitCommentEvent", "SomethingNewEvent", "PullRequestReviewEvent",
    };
    static constexpr std::string_view actions[] = {"opened", "merged",  "closed",   "created",
                                                   "added",  "started", "published"};
    github::Event event{.id = std::to_string(below(500)),
                        .type = std::string(types[below(std::size(types))]),
                        .login = name(),
                        .repo = name() + "/" + name(),
                        .is_public = !one_in(20),
                        .created_at = now - std::chrono::minutes(below(1'600)),
                        .facts = {}};
    event.facts.action = actions[below(std::size(actions))];
    event.facts.ref = name();
    event.facts.ref_type = one_in(2) ? "repository" : "tag";
    event.facts.title = text();
    event.facts.name = name();
    event.facts.state = one_in(2) ? "approved" : "commented";
    event.facts.first_release = one_in(5);
    if (!one_in(4)) {
      event.facts.number = static_cast<std::int64_t>(below(40));
      event.facts.commits = static_cast<std::int64_t>(below(9));
    }
    return event;
  }

  Person person(std::size_t number) {
    Person person{.login = one_in(10) ? text() : "member" + std::to_string(number)};
    if (!one_in(3)) {
      person.user = {"U" + std::to_string(number)};
    }
    person.preferences.mention = !one_in(5);
    if (one_in(6)) {
      person.preferences.hidden_kinds = {"stars"};
    }
    if (!one_in(3)) {
      person.avatar_url = "https://avatars.githubusercontent.com/u/" + std::to_string(number);
    }
    person.first_pull_request = std::to_string(below(500));
    const std::size_t events = one_in(8) ? 250 : below(12);
    for (std::size_t i = 0; i < events; ++i) {
      person.events.push_back(event());
    }
    return person;
  }

  Kinds kinds() {
    Kinds kinds;
    for (const Category& row : catalog()) {
      if (one_in(2)) {
        kinds.chosen[std::string(row.key)] = !one_in(4);
      }
    }
    return kinds;
  }

 private:
  SeededRandom random_;
};

// All that Slack reads as markup, in which nobody is to be called by what somebody wrote. The
// description of a picture is plain text.
std::string marked_up(const boost::json::value& value) {
  std::string text;
  if (const auto* object = value.if_object()) {
    for (const auto& [key, member] : *object) {
      text += key == "alt_text" ? "" : marked_up(member);
    }
  } else if (const auto* array = value.if_array()) {
    for (const boost::json::value& element : *array) {
      text += marked_up(element);
    }
  } else if (const auto* string = value.if_string()) {
    text = std::string(*string) + "\n";
  }
  return text;
}

// What the strict stand-in of Slack says against a message; empty if nothing.
std::string complaint_about(const std::string& rendered) {
  const boost::json::value message = boost::json::parse(rendered);
  const std::string text(message.at("text").as_string());
  const boost::json::array& blocks = message.at("blocks").as_array();
  if (const auto error = sim::find_block_error(blocks)) {
    return *error;
  }
  if (text.empty() || sim::count_characters(text) > most_fallback) {
    return "fallback of " + std::to_string(text.size()) + " octets";
  }
  if (sim::are_blocks_too_long(blocks)) {
    return "msg_blocks_too_long";
  }
  if (rendered.size() > most_message) {
    return "message of " + std::to_string(rendered.size()) + " octets";
  }
  const std::string found = marked_up(message);
  for (const std::string_view call : {"<!", "<#", "<@UEVIL"}) {
    if (found.find(call) != std::string::npos) {
      return "it calls with " + std::string(call) + " in " + found;
    }
  }
  for (const std::string_view disguise :
       {"\u200E", "\u202E", "\u00AD", "\u200D", "\u061C", "\U000E0041"}) {
    if (found.find(disguise) != std::string::npos) {
      return "it has characters that nobody sees: " + found;
    }
  }
  return {};
}

// Links of each line of a section, shown or counted as "N more"; that which counts for the lines
// without any is the last one.
std::vector<std::size_t> links_by_line(const chat::Section& section) {
  std::vector<std::size_t> lines;
  for (std::size_t i = 1; i < section.text.size(); ++i) {  // the first span is the name
    const chat::Span& span = section.text[i];
    if (span.text == "\n" && span.url.empty()) {
      lines.push_back(0);
    } else if (span.text.ends_with(" more") && section.text[i - 1].text == "and ") {
      lines.back() += static_cast<std::size_t>(
          parse_integer(span.text.substr(0, span.text.size() - 5)).value());
    } else if (span.emoji.empty() && i >= 1 &&
               (section.text[i - 1].text == ", " || !section.text[i - 2].emoji.empty())) {
      ++lines.back();
    }
  }
  return lines;
}

std::vector<chat::Section> sections_of(const std::vector<chat::Message>& messages) {
  std::vector<chat::Section> sections;
  for (std::size_t i = 1; i < messages.size(); ++i) {
    for (const chat::Block& block : messages[i].blocks) {
      if (const auto* section = std::get_if<chat::Section>(&block)) {
        sections.push_back(*section);
      }
    }
  }
  return sections;
}

// Each different link is in its line or counted there, or at the end of the section.
void check_nothing_is_lost(const Digest& digest, const std::vector<chat::Section>& sections) {
  REQUIRE(sections.size() == digest.sections.size());
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::vector<Item>& items = digest.sections[i].items;
    const std::vector<std::size_t> lines = links_by_line(sections[i]);
    std::size_t at_the_end = 0;
    for (std::size_t line = 0; line < items.size(); ++line) {
      const Item& item = items[line];
      REQUIRE(line < lines.size());
      CHECK((lines[line] == item.link_count || lines[line] == 0));
      at_the_end += lines[line] == 0 ? item.link_count : 0;
      CHECK(item.links.size() == std::min(item.link_count, most_links));
      CHECK(item.count >= item.link_count);
    }
    REQUIRE(lines.size() == items.size() + (at_the_end > 0 ? 1 : 0));
    CHECK((at_the_end == 0 || lines.back() == at_the_end));
  }
}

// What Slack gets of each person, line by line.
std::vector<std::vector<std::string>> lines_of_people(const std::vector<chat::Message>& messages) {
  std::vector<std::vector<std::string>> people;
  for (std::size_t i = 1; i < messages.size(); ++i) {
    const boost::json::value message = boost::json::parse(chat::slack::render(messages[i]));
    for (const boost::json::value& block : message.at("blocks").as_array()) {
      if (block.at("type").as_string() == "section") {
        const std::string text(block.at("text").at("text").as_string());
        people.emplace_back();
        for (const std::string_view line : split(text, '\n')) {
          people.back().emplace_back(line);
        }
      }
    }
  }
  return people;
}

// Links in a line of mrkdwn, shown or counted as "N more".
std::size_t links_in(std::string_view line) {
  constexpr std::string_view more = " more>";
  std::size_t links = 0;
  for (std::size_t at = line.find("<http"); at != std::string_view::npos;
       at = line.find("<http", at + 1)) {
    ++links;
  }
  if (line.ends_with(more)) {
    const std::size_t bar = line.rfind('|') + 1;
    const auto others = parse_integer(line.substr(bar, line.size() - more.size() - bar));
    links += others ? static_cast<std::size_t>(*others) - 1 : 0;
  }
  return links;
}

// The same on the wire. A link whose address is too long stands there as text.
void check_nothing_is_lost_on_the_wire(const Digest& digest,
                                       const std::vector<chat::Message>& messages) {
  const auto people = lines_of_people(messages);
  REQUIRE(people.size() == digest.sections.size());
  for (std::size_t i = 0; i < people.size(); ++i) {
    const std::vector<Item>& items = digest.sections[i].items;
    REQUIRE(people[i].size() >= items.size() + 1);
    std::size_t at_the_end = 0;
    for (std::size_t line = 0; line < items.size(); ++line) {
      const Item& item = items[line];
      CAPTURE(people[i][line + 1]);
      CHECK(people[i][line + 1].find(" " + count_of(item.count, item.category->singular,
                                                    item.category->plural)) != std::string::npos);
      const bool are_short =
          std::ranges::all_of(item.links, [](const Link& link) { return link.path.size() <= 600; });
      const std::size_t links = links_in(people[i][line + 1]);
      CHECK((!are_short || links == item.link_count || links == 0));
      at_the_end += links == 0 ? item.link_count : 0;
    }
    if (people[i].size() > items.size() + 1 && people[i].back().ends_with(" more>")) {
      CHECK(links_in(people[i].back()) <= at_the_end);
    }
  }
}

TEST_CASE("arbitrary activity gives messages that Slack takes and loses nothing") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    Arbitrary arbitrary(seed);
    Composer composer(day, TimeZone::utc(), arbitrary.kinds());
    std::size_t shown = 0;
    const std::size_t people = arbitrary.one_in(10) ? 200 : arbitrary.below(60);
    for (std::size_t i = 0; i < people; ++i) {
      const Person person = arbitrary.person(i);
      const Outcome outcome = composer.add(person);
      std::size_t fates = 0;
      for (std::size_t fate = 0; fate <= static_cast<std::size_t>(Fate::outside); ++fate) {
        fates += outcome.count(static_cast<Fate>(fate));
      }
      CHECK(fates == person.events.size());
      shown += outcome.count(Fate::shown);
    }
    const Digest digest = std::move(composer).finish();
    std::size_t counted = 0;
    for (const Section& section : digest.sections) {
      for (const Item& item : section.items) {
        counted += item.count;
      }
    }
    CHECK(counted == shown);
    const std::vector<chat::Message> messages = render(digest);
    for (const chat::Message& message : messages) {
      CHECK(complaint_about(chat::slack::render(message)) == "");
    }
    check_nothing_is_lost(digest, sections_of(messages));
    check_nothing_is_lost_on_the_wire(digest, messages);
  }
}

}  // namespace
}  // namespace bb::github_activity
