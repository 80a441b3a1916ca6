#include "app/preview_files.hpp"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include "base/text.hpp"
#include "github/event_stream.hpp"

namespace bb::app {
namespace {

using github_activity::Person;
using github_activity::Window;

constexpr std::size_t most_people = 10;
constexpr std::uint64_t most_reports = 10;
constexpr std::size_t most_events_kept = 30'000;  // 45 MiB with the digest made of them
constexpr std::size_t generation_size = 500'000;  // about 9 MiB each

// Recognises what was seen before, exactly within the last half million, in bounded memory.
class SeenRecently {
 public:
  bool insert(std::uint64_t identity) {
    if (old_.contains(identity) || !young_.insert(identity).second) {
      return false;
    }
    if (young_.size() >= generation_size) {
      old_ = std::move(young_);
      young_ = {};
    }
    return true;
  }

 private:
  boost::unordered_flat_set<std::uint64_t> young_;
  boost::unordered_flat_set<std::uint64_t> old_;
};

bool is_within(const Window& window, TimePoint time) {
  return window.since <= time && time < window.until;
}

std::uint64_t size_of(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace

EventFiles::EventFiles(const std::vector<std::string>& logins, std::ostream& err,
                       bool show_progress)
    : err_(err), is_progress_shown_(show_progress) {
  for (const std::string& login : logins) {
    wanted_.try_emplace(EventSpool::key_of(login), Person{.login = login});
  }
}

void EventFiles::read(const std::vector<std::string>& paths) {
  const bool is_size_known = std::ranges::find(paths, "-") == paths.end();
  for (const std::string& path : paths) {
    octets_total_ += is_size_known ? size_of(path) : 0;
  }
  for (const std::string& path : paths) {
    if (path == "-") {
      read_stream(std::cin, "standard input");
    } else {
      read_file(path);
    }
  }
  clear_progress();
}

void EventFiles::read_file(const std::string& path) {
  const std::string name = escape_control(path);
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    reject(name, "", {.code = ErrorCode::invalid_input, .message = "is a folder, not a file"});
    return;
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    reject(name, "",
           {.code = ErrorCode::not_found, .message = std::generic_category().message(errno)});
    return;
  }
  read_stream(in, name);
  octets_before_ += size_of(path);
}

void EventFiles::read_stream(std::istream& in, const std::string& name) {
  const github::StreamCounts counts = github::read_events(
      in, {.on_event = [this](const github::Event& event) { take(event); },
           .on_rejected = [&](const std::string& position,
                              const Error& error) { reject(name, position, error); },
           .on_progress = [this](std::uint64_t octets) { show_progress(octets); }});
  events_ += counts.events;
}

void EventFiles::take(const github::Event& event) {
  earliest_ = std::min(earliest_.value_or(event.created_at), event.created_at);
  latest_ = std::max(latest_.value_or(event.created_at), event.created_at);
  const bool is_wanted = wanted_.empty() || wanted_.contains(EventSpool::key_of(event.login));
  const github_activity::Category* category = github_activity::find_category(event);
  const bool matters =
      category != nullptr ? category->on_by_default : github_activity::is_dismissal(event);
  if (is_wanted && matters && github_activity::is_presentable(event)) {
    spool_.add(event);
  }
}

void EventFiles::reject(const std::string& name, const std::string& position, const Error& error) {
  ++rejected_;
  if (rejected_ > most_reports) {
    return;
  }
  clear_progress();
  err_ << "busy-beaver: " << name << ": " << position << (position.empty() ? "" : ": ")
       << escape_control(error.message) << "\n";
}

void EventFiles::show_progress(std::uint64_t octets) {
  constexpr std::uint64_t mebibyte = 1024UZ * 1024;
  constexpr std::uint64_t width = 30;
  if (!is_progress_shown_) {
    return;
  }
  const std::uint64_t done = octets_before_ + octets;
  if (octets_total_ == 0) {
    if (done / mebibyte != last_shown_) {
      last_shown_ = done / mebibyte;
      err_ << "\rreading: " << last_shown_ << " MiB" << std::flush;
    }
    return;
  }
  const std::uint64_t percent = std::min<std::uint64_t>(100, done * 100 / octets_total_);
  if (percent != last_shown_) {
    last_shown_ = percent;
    const std::uint64_t filled = percent * width / 100;
    err_ << "\rreading: [" << std::string(filled, '#') << std::string(width - filled, '.') << "] "
         << percent << " %" << std::flush;
  }
}

void EventFiles::clear_progress() {
  if (is_progress_shown_ && last_shown_ > 0) {
    err_ << "\r\x1b[K" << std::flush;
    last_shown_ = 0;
  }
}

void EventFiles::report_totals() const {
  if (rejected_ > most_reports) {
    err_ << "busy-beaver: ... and " << rejected_ - most_reports << " more like these\n";
  }
  err_ << "busy-beaver: read " << count_of(events_, "event", "events") << ", " << rejected_
       << " could not be read\n";
}

// Times of events are whole seconds, and the end of a window is not part of it.
Window EventFiles::range() const {
  return {.since = *earliest_, .until = *latest_ + std::chrono::seconds(1)};
}

std::map<std::uint64_t, Person> EventFiles::most_active(const Window& window) {
  struct Rank {
    std::uint32_t order = 0;  // of first appearance: decides between equals
    std::uint32_t count = 0;
  };
  boost::unordered_flat_map<std::uint64_t, Rank> ranks;
  SeenRecently seen;
  spool_.visit([&](const EventSpool::Entry& entry) {
    if (is_within(window, entry.created_at) && seen.insert(entry.identity)) {
      const auto order = static_cast<std::uint32_t>(ranks.size());
      ++ranks.try_emplace(entry.person, Rank{.order = order}).first->second.count;
    }
  });
  using Row = std::pair<std::uint64_t, Rank>;
  std::vector<Row> top(std::min(most_people, ranks.size()));
  std::ranges::partial_sort_copy(ranks, top, [](const Row& left, const Row& right) {
    return std::tuple(right.second.count, left.second.order) <
           std::tuple(left.second.count, right.second.order);
  });
  std::map<std::uint64_t, Person> people;
  for (const auto& [key, rank] : top) {
    people.try_emplace(key);
  }
  return people;
}

std::vector<Person> EventFiles::people(const Window& window) {
  std::map<std::uint64_t, Person> chosen = wanted_.empty() ? most_active(window) : wanted_;
  boost::unordered_flat_set<std::uint64_t> seen;
  std::size_t kept = 0;
  std::size_t left_out = 0;
  spool_.visit([&](const EventSpool::Entry& entry) {
    const auto found = chosen.find(entry.person);
    if (found == chosen.end() || !is_within(window, entry.created_at)) {
      return;
    }
    if (kept == most_events_kept) {
      ++left_out;
    } else if (seen.insert(entry.identity).second) {
      ++kept;
      github::Event event = EventSpool::decode(entry);
      found->second.login = event.login;  // in the case that GitHub uses
      found->second.events.push_back(std::move(event));
    }
  });
  if (left_out > 0) {
    err_ << "busy-beaver: too many events to show: the last " << left_out
         << " of these people are left out\n";
  }
  std::vector<Person> people;
  for (auto& [key, person] : chosen) {
    if (person.events.empty()) {
      err_ << "busy-beaver: nothing to show of " << person.login << "\n";
    }
    people.push_back(std::move(person));
  }
  return people;
}

}  // namespace bb::app
