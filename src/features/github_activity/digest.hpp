// From events to the messages of a digest. Pure: the same input gives the same output.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "chat/message.hpp"
#include "chat/platform.hpp"
#include "features/github_activity/catalog.hpp"
#include "features/github_activity/kinds.hpp"
#include "features/github_activity/preferences.hpp"
#include "github/event.hpp"

namespace bb::github_activity {

// Events of `since <= created_at < until` count, and from `late_since` on those that GitHub showed
// too late for the digest before.
struct Window {
  TimePoint since;
  TimePoint until;
  std::optional<TimePoint> late_since = std::nullopt;

  bool operator==(const Window&) const = default;
};

struct Person {
  std::string login;  // at GitHub
  UserId user = {};   // mentioned as this chat user; empty: shown as a link to the GitHub profile
  Preferences preferences = {};
  std::string avatar_url = {};          // empty: no picture
  std::string first_pull_request = {};  // the id of the event that opened the first one seen
  std::vector<github::Event> events = {};
};

// Links of one kind of activity of one person that are shown at most; the others are counted.
inline constexpr std::size_t most_links = 10;

struct Item {
  const Category* category = nullptr;
  std::size_t count = 0;       // events, before links are deduplicated
  std::size_t link_count = 0;  // different links
  std::vector<Link> links;     // the first most_links of them, in order of time, oldest first
};

struct Section {
  std::string login;
  UserId user;
  bool mention = true;
  std::string avatar_url;
  std::vector<Item> items;  // in catalog order, none empty
};

enum class HighlightKind : std::uint8_t { starred, contributed, first_release, first_pull_request };

struct Highlight {
  HighlightKind kind = HighlightKind::starred;
  Link link;
  std::size_t members = 0;  // starred, contributed
  std::string login = {};   // first_pull_request
  bool operator==(const Highlight&) const = default;
};

struct Digest {
  Window window;
  TimeZone zone;
  std::vector<Highlight> highlights;
  std::vector<Section> sections;  // only people with something counted
  bool is_unknown = false;        // GitHub could not be asked about most people
};

// What becomes of an event.
enum class Fate : std::uint8_t {
  shown,
  hidden,        // by the member's own choice
  paused,        // done while the member had paused
  switched_off,  // a kind that the workspace does not show
  not_counted,   // of a type that says nothing to others, or a push without commits
  not_public,    // private, or done by a bot
  repeated,      // known already, or part of another one that is shown
  outside,       // of the window
};

// How many events of one person met which fate.
class Outcome {
 public:
  [[nodiscard]] std::size_t count(Fate fate) const {
    return counts_[static_cast<std::size_t>(fate)];
  }
  void add(Fate fate, std::size_t events = 1) { counts_[static_cast<std::size_t>(fate)] += events; }
  void move(Fate from, Fate to) {
    --counts_[static_cast<std::size_t>(from)];
    add(to);
  }

 private:
  std::array<std::size_t, static_cast<std::size_t>(Fate::outside) + 1> counts_{};
};

// "2 shown; left out: 3 hidden by own choice, 1 of kinds that are off here"
std::string to_text(const Outcome& outcome);

// Takes people one by one, so that only one person's events have to be in memory.
class Composer {
 public:
  Composer(const Window& window, TimeZone zone, Kinds kinds = {},
           std::span<const Category> rows = catalog());

  // An event id counts once per person.
  Outcome add(const Person& person);

  // Orders people by a shuffle that depends on the date of `window.until` in `zone` only, not on
  // the order of adding.
  Digest finish() &&;

 private:
  using Rows = std::vector<std::vector<const github::Event*>>;
  struct Sorted {
    Rows shown;
    Rows unshown;  // hidden or switched off, where that may concern other rows
  };

  Sorted sort_into_rows(const Person& person, Outcome& outcome) const;
  void drop_replaced(Sorted& sorted, Outcome& outcome) const;
  void note_highlights(const Person& person, const Rows& rows);

  struct Interest {
    Link link;
    std::vector<std::size_t> accounts;  // in no order, some more than once
  };
  using Interests = std::unordered_map<std::string, Interest>;  // by repository in lower case
  static void note_interest(Interests& interests, const github::Event& event, std::size_t account);
  static std::vector<Highlight> shared_highlights(HighlightKind kind, Interests interests);

  Window window_;
  TimeZone zone_;
  Kinds kinds_;
  std::span<const Category> rows_;
  std::unordered_map<std::string, std::size_t> accounts_;  // by login in lower case
  std::vector<Section> sections_;
  Interests starred_;
  Interests contributed_;
  std::vector<Highlight> firsts_;
};

Digest compose(const std::vector<Person>& people, const Window& window, const TimeZone& zone);

// A message, and whom of the chat it is about.
struct Part {
  chat::Message message;
  std::vector<UserId> people = {};
};

// Where links lead, and how long texts get where a digest is shown.
struct Presentation {
  std::string web_url = "https://github.com";  // GITHUB_WEB_URL
  chat::Measure length = nullptr;
};

std::string profile_url(std::string_view web_url, std::string_view login);

// The first message leads: date, highlights, one line of counts. The people follow in as many more
// as it takes, each below 50 blocks, its texts short enough for any platform's limits after
// escaping. A quiet day gives one friendly message, an
// unknown one a message that says so.
std::vector<Part> render_parts(const Digest& digest, const Presentation& presentation);
std::vector<chat::Message> render(const Digest& digest, const Presentation& presentation);

// The people alone, in messages that are each called the part `part` of `parts`.
struct PartNumber {
  std::size_t part = 1;
  std::size_t parts = 1;
};
std::vector<Part> render_people(const Digest& digest, PartNumber number,
                                const Presentation& presentation);

// One person's part of a digest, as in render().
chat::Section render_section(const Section& section, const Presentation& presentation);

}  // namespace bb::github_activity
