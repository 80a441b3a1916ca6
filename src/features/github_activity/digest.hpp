// From events to the messages of a digest. Pure: the same input gives the same output.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "chat/message.hpp"
#include "features/github_activity/catalog.hpp"
#include "github/event.hpp"

namespace bb::github_activity {

// Events of `since <= created_at < until` count.
struct Window {
  TimePoint since;
  TimePoint until;
};

struct Person {
  std::string login;  // at GitHub
  UserId user = {};   // mentioned as this chat user; empty: shown as a link to the GitHub profile
  std::vector<github::Event> events = {};
};

struct Item {
  const Category* category = nullptr;
  std::size_t count = 0;    // events, before links are deduplicated
  std::vector<Link> links;  // in order of time, oldest first
};

struct Section {
  std::string login;
  UserId user;
  std::vector<Item> items;  // in catalog order, none empty
};

struct Digest {
  Window window;
  TimeZone zone;
  std::vector<Section> sections;  // only people with something counted
};

// Groups by catalog and orders people by a shuffle that depends on the date of `window.until` in
// `zone` only, not on their order here. An event id counts once per person.
Digest compose(std::vector<Person> people, const Window& window, const TimeZone& zone);

// One message or, for many people, several in order; each below 50 blocks, its texts short enough
// for any platform's limits after escaping. A quiet day gives one friendly message.
std::vector<chat::Message> render(const Digest& digest);

}  // namespace bb::github_activity
