// People and their events from files, for the preview of a digest.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/event_spool.hpp"
#include "base/result.hpp"
#include "features/github_activity/digest.hpp"

namespace bb::app {

// Reads events of any number of files in one pass and bounded memory, and tells on `err` what could
// not be read. With `logins` only theirs are kept, otherwise everyone's.
class EventFiles {
 public:
  EventFiles(const std::vector<std::string>& logins, std::ostream& err, bool show_progress);

  // "-" is the standard input. A file that cannot be read is reported and passed over.
  void read(const std::vector<std::string>& paths);

  // Ends the reports with one line of totals.
  void report_totals() const;

  [[nodiscard]] std::uint64_t events() const { return events_; }

  // The times of the first and the last event; of all people, also of those who are not kept. Only
  // after events() > 0.
  [[nodiscard]] github_activity::Window range() const;

  // The given logins, or the ten people with most counted events in `window`.
  std::vector<github_activity::Person> people(const github_activity::Window& window);

 private:
  void read_file(const std::string& path);
  void read_stream(std::istream& in, const std::string& name);
  void take(const github::Event& event);
  void reject(const std::string& name, const std::string& position, const Error& error);
  void show_progress(std::uint64_t octets);
  void clear_progress();
  std::map<std::uint64_t, github_activity::Person> most_active(
      const github_activity::Window& window);

  std::map<std::uint64_t, github_activity::Person> wanted_;  // by EventSpool::key_of()
  std::ostream& err_;
  bool is_progress_shown_;
  EventSpool spool_;
  std::optional<TimePoint> earliest_;
  std::optional<TimePoint> latest_;
  std::uint64_t events_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t octets_before_ = 0;  // of the files before the current one
  std::uint64_t octets_total_ = 0;   // 0: not known, as with the standard input
  std::uint64_t last_shown_ = 0;
};

}  // namespace bb::app
