#include "features/github_activity/digest.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"

namespace bb::github_activity {
namespace {

using github::Event;

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = seed ^ 0xcbf29ce484222325ULL;  // FNV-1a, then the finalizer of SplitMix64:
  for (const char c : text) {                         // std::hash may differ between builds
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31U);
}

// Archives of 2012 have no ids: there an event is the same if all that it says is the same.
std::string identity_of(const Event& event) {
  if (!event.id.empty()) {
    return event.id;
  }
  const github::Facts& facts = event.facts;
  std::string key = std::to_string(event.created_at.time_since_epoch().count());
  for (const std::string* part : {&event.type, &event.login, &event.repo, &facts.action, &facts.ref,
                                  &facts.ref_type, &facts.name, &facts.head, &facts.url}) {
    key += '\0';
    key += *part;
  }
  return key + '\0' + std::to_string(facts.number.value_or(0));
}

// Distinct counted events of the window, oldest first, by row of the catalog.
std::vector<std::vector<const Event*>> sort_into_rows(const std::vector<Event>& events,
                                                      const Window& window) {
  std::vector<std::vector<const Event*>> rows(catalog().size());
  std::unordered_set<std::string> seen;
  for (const Event& event : events) {
    if (event.created_at < window.since || event.created_at >= window.until) {
      continue;
    }
    const Category* category = find_category(event);
    if (category != nullptr && seen.insert(identity_of(event)).second) {
      rows[static_cast<std::size_t>(category - catalog().data())].push_back(&event);
    }
  }
  for (auto& row : rows) {
    std::ranges::sort(row, {},
                      [](const Event* event) { return std::tie(event->created_at, event->id); });
  }
  return rows;
}

Item make_item(const Category& category, const std::vector<const Event*>& events) {
  Item item{.category = &category, .count = events.size(), .links = {}};
  std::unordered_map<std::string, std::size_t> index_of;
  std::vector<std::vector<const Event*>> sharing;
  for (const Event* event : events) {
    Link link = category.link(*event);
    const auto [found, is_new] =
        index_of.try_emplace(link.url + '\0' + link.text, item.links.size());
    if (is_new) {
      item.links.push_back(std::move(link));
      sharing.emplace_back();
    }
    sharing[found->second].push_back(event);
  }
  for (std::size_t i = 0; category.note != nullptr && i < item.links.size(); ++i) {
    item.links[i].text += category.note(sharing[i]);
  }
  return item;
}

void shuffle(std::vector<Section>& sections, std::chrono::year_month_day day) {
  const auto seed =
      static_cast<std::uint64_t>(std::chrono::sys_days(day).time_since_epoch().count());
  const auto key = [seed](const Section& section) {
    return std::tuple(hash_of(to_lower(section.login) + '\0' + section.user.value, seed),
                      section.login, section.user.value);
  };
  std::ranges::sort(sections, {}, key);
}

}  // namespace

Digest compose(std::vector<Person> people, const Window& window, const TimeZone& zone) {
  Digest digest{.window = window, .zone = zone, .sections = {}};
  for (Person& person : people) {
    Section section{.login = person.login, .user = person.user, .items = {}};
    const auto rows = sort_into_rows(person.events, window);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i].empty()) {
        section.items.push_back(make_item(catalog()[i], rows[i]));
      }
    }
    if (!section.items.empty()) {
      digest.sections.push_back(std::move(section));
    }
    person.events = {};
  }
  shuffle(digest.sections, zone.day_of(window.until));
  return digest;
}

}  // namespace bb::github_activity
