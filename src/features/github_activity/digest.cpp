#include "features/github_activity/digest.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "base/text.hpp"

namespace bb::github_activity {
namespace {

using github::Event;
using Row = std::vector<const Event*>;

constexpr std::size_t members_of_highlight = 2;  // at least

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = seed ^ 0xcbf29ce484222325ULL;  // FNV-1a, then the finalizer of SplitMix64:
  for (const char c : text) {                         // std::hash may differ between builds
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31U);
}

bool is_about_review(const Event& event) {
  return event.type == "PullRequestReviewEvent" && !event.facts.name.empty();
}

// Several events may tell of one review. Archives of 2012 have no ids: there an event is the same
// if all that it says is the same.
std::string identity_of(const Event& event) {
  if (is_about_review(event)) {
    return to_lower(event.repo) + '#' + std::to_string(event.facts.number.value_or(0)) + ' ' +
           event.facts.name;
  }
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

std::string subject_of(const Category& category, const Event& event) {
  return to_lower(category.subject != nullptr ? category.subject(event)
                                              : category.link(event).path);
}

bool is_hidden(const Preferences& preferences, const Category& category, const Event& event) {
  return (!preferences.hidden_kinds.empty() &&
          preferences.hidden_kinds.contains(std::string(category.key))) ||
         (!preferences.hidden_repositories.empty() &&
          preferences.hidden_repositories.contains(to_lower(event.repo)));
}

// Links to one address are one, whatever they say about it.
std::string key_of(const Category& category, const Event& event, const Link& link) {
  return (link.path.empty() ? link.text : to_lower(link.path)) + '\0' +
         (category.distinction == nullptr ? "" : category.distinction(event));
}

Item make_item(const Category& category, const Row& events) {
  Item item{.category = &category, .count = events.size(), .link_count = 0, .links = {}};
  std::unordered_map<std::string, std::size_t> index_of;
  std::vector<Row> sharing;  // of the links that are kept
  for (const Event* event : events) {
    Link link = category.link(*event);
    const auto [found, is_new] =
        index_of.try_emplace(key_of(category, *event, link), item.link_count);
    if (is_new && item.link_count++ < most_links) {
      item.links.emplace_back();
      sharing.emplace_back();
    }
    if (found->second < most_links) {
      item.links[found->second] = std::move(link);  // the newest title
      sharing[found->second].push_back(event);
    }
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

Link repo_link(const Event& event) {
  return {.text = event.repo, .path = "/" + event.repo};
}

}  // namespace

std::string to_text(const Outcome& outcome) {
  struct Reason {
    Fate fate;
    std::string_view words;
  };
  constexpr Reason reasons[] = {
      {Fate::hidden, " hidden by own choice"},
      {Fate::paused, " done while paused"},
      {Fate::switched_off, " of kinds that are switched off here"},
      {Fate::repeated, " part of something else"},
      {Fate::not_counted, " of kinds that are never shown"},
      {Fate::not_public, " private or of a bot"},
  };
  std::string left_out;
  for (const auto& [fate, words] : reasons) {
    if (const std::size_t count = outcome.count(fate); count > 0) {
      left_out += (left_out.empty() ? "" : ", ") + std::to_string(count) + std::string(words);
    }
  }
  const std::string shown = std::to_string(outcome.count(Fate::shown)) + " shown";
  return left_out.empty() ? shown : shown + "; left out: " + left_out;
}

Composer::Composer(const Window& window, TimeZone zone, Kinds kinds, std::span<const Category> rows)
    : window_(window), zone_(std::move(zone)), kinds_(std::move(kinds)), rows_(rows) {}

// Distinct events of the window that the person and the workspace want to be shown, oldest first.
Composer::Sorted Composer::sort_into_rows(const Person& person, Outcome& outcome) const {
  Sorted sorted{.shown = Rows(rows_.size()), .unshown = Rows(rows_.size())};
  std::unordered_set<std::string> seen;
  std::unordered_set<std::string> dismissed;  // reviews that were taken back
  for (const Event& event : person.events) {
    if (is_dismissal(event)) {
      dismissed.insert(identity_of(event));
    }
  }
  const auto fate_of = [&](const Event& event) {
    if (event.created_at < window_.late_since.value_or(window_.since) ||
        event.created_at >= window_.until) {
      return Fate::outside;
    }
    if (!is_presentable(event)) {
      return Fate::not_public;
    }
    const Category* category = find_category(event, rows_);
    if (category == nullptr || (!dismissed.empty() && dismissed.contains(identity_of(event)))) {
      return Fate::not_counted;
    }
    const auto row = static_cast<std::size_t>(category - rows_.data());
    const bool is_on = kinds_.is_on(*category);
    if (!is_on || is_hidden(person.preferences, *category, event)) {
      if (category->replaces_unshown) {
        sorted.unshown[row].push_back(&event);
      }
      return is_on ? Fate::hidden : Fate::switched_off;
    }
    if (!seen.insert(identity_of(event)).second) {
      return Fate::repeated;
    }
    sorted.shown[row].push_back(&event);
    return Fate::shown;
  };
  for (const Event& event : person.events) {
    outcome.add(fate_of(event));
  }
  for (Row& row : sorted.shown) {
    std::ranges::sort(row, {},
                      [](const Event* event) { return std::tie(event->created_at, event->id); });
  }
  return sorted;
}

// A pull request that was opened and merged is shown as merged only, and the like.
void Composer::drop_replaced(Sorted& sorted, Outcome& outcome) const {
  Rows& rows = sorted.shown;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows_[i].replaces.empty() || (rows[i].empty() && sorted.unshown[i].empty())) {
      continue;
    }
    const auto replaced = std::ranges::find(rows_, rows_[i].replaces, &Category::key);
    if (replaced == rows_.end()) {
      continue;
    }
    std::unordered_set<std::string> subjects;
    for (const Row* events : {&rows[i], &sorted.unshown[i]}) {
      for (const Event* event : *events) {
        subjects.insert(subject_of(rows_[i], *event));
      }
    }
    std::erase_if(rows[static_cast<std::size_t>(replaced - rows_.begin())],
                  [&](const Event* event) {
                    const bool drop = subjects.contains(subject_of(*replaced, *event));
                    if (drop) {
                      outcome.move(Fate::shown, Fate::repeated);
                    }
                    return drop;
                  });
  }
}

void Composer::note_interest(Interests& interests, const Event& event, std::size_t account) {
  Interest& interest = interests[to_lower(event.repo)];
  if (interest.accounts.empty()) {
    interest.link = repo_link(event);
  }
  if (interest.accounts.empty() || interest.accounts.back() != account) {
    interest.accounts.push_back(account);
  }
}

void Composer::note_highlights(const Person& person, const Rows& rows) {
  // Two members may have linked one account.
  const std::size_t account =
      accounts_.try_emplace(to_lower(person.login), accounts_.size()).first->second;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const Event* event : rows[i]) {
      if (rows_[i].highlighted == Highlighted::as_starred) {
        note_interest(starred_, *event, account);
      } else if (rows_[i].highlighted == Highlighted::as_contributed) {
        note_interest(contributed_, *event, account);
      }
      if (event->facts.first_release) {
        firsts_.push_back(
            {.kind = HighlightKind::first_release, .link = rows_[i].link(*event), .login = {}});
      }
      if (!event->id.empty() && event->id == person.first_pull_request) {
        firsts_.push_back({.kind = HighlightKind::first_pull_request,
                           .link = rows_[i].link(*event),
                           .login = person.login});
      }
    }
  }
}

Outcome Composer::add(const Person& person) {
  Outcome outcome;
  Sorted sorted = sort_into_rows(person, outcome);
  const Rows& rows = sorted.shown;
  note_highlights(person, rows);  // before: a first pull request may be merged already
  drop_replaced(sorted, outcome);
  Section section{.login = person.login,
                  .user = person.user,
                  .mention = person.preferences.mention,
                  .avatar_url = person.avatar_url,
                  .items = {}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].empty()) {
      section.items.push_back(make_item(rows_[i], rows[i]));
    }
  }
  if (!section.items.empty()) {
    sections_.push_back(std::move(section));
  }
  return outcome;
}

// Those that most members share first.
std::vector<Highlight> Composer::shared_highlights(HighlightKind kind, Interests interests) {
  std::vector<Highlight> highlights;
  for (auto& [repository, interest] : interests) {
    std::ranges::sort(interest.accounts);
    const auto repeated = std::ranges::unique(interest.accounts);
    interest.accounts.erase(repeated.begin(), repeated.end());
    if (interest.accounts.size() >= members_of_highlight) {
      highlights.push_back(
          {.kind = kind, .link = interest.link, .members = interest.accounts.size(), .login = {}});
    }
  }
  std::ranges::sort(highlights, [](const Highlight& left, const Highlight& right) {
    return std::tuple(right.members, to_lower(left.link.text)) <
           std::tuple(left.members, to_lower(right.link.text));
  });
  return highlights;
}

Digest Composer::finish() && {
  Digest digest{.window = window_, .zone = zone_, .highlights = {}, .sections = {}};
  digest.highlights = shared_highlights(HighlightKind::starred, std::move(starred_));
  std::ranges::move(shared_highlights(HighlightKind::contributed, std::move(contributed_)),
                    std::back_inserter(digest.highlights));
  // Two members may publish one release, or share an account.
  std::ranges::sort(firsts_, {}, [](const Highlight& first) {
    return std::tuple(first.kind, first.link.text, first.link.path, first.login);
  });
  const auto repeated = std::ranges::unique(firsts_);
  firsts_.erase(repeated.begin(), repeated.end());
  std::ranges::move(firsts_, std::back_inserter(digest.highlights));
  digest.sections = std::move(sections_);
  shuffle(digest.sections, zone_.day_of(window_.until));
  return digest;
}

Digest compose(const std::vector<Person>& people, const Window& window, const TimeZone& zone) {
  Composer composer(window, zone);
  for (const Person& person : people) {
    composer.add(person);
  }
  return std::move(composer).finish();
}

}  // namespace bb::github_activity
