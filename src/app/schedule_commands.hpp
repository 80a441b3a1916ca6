// `busy-beaver schedule set`, `list`, `remove`, `pause` and `resume`.
#pragma once

#include <iosfwd>
#include <string>

#include "app/channel_lookup.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "storage/database.hpp"

namespace CLI {
class App;
}

namespace bb::app {

struct ScheduleOptions {
  std::string what = "digest";
  std::string channel = {};   // name or id
  std::string time = {};      // 19:00
  std::string timezone = {};  // empty: DIGEST_TIMEZONE
  std::string weekdays = "daily";
  std::string at = {};  // of a list: as if it were this time; empty: now
  bool json = false;
};

// Add the commands to `parent`; the options must live until the command line is parsed.
CLI::App* add_schedule_set(CLI::App& parent, ScheduleOptions& options);
CLI::App* add_schedule_list(CLI::App& parent, ScheduleOptions& options);
CLI::App* add_schedule_change(CLI::App& parent, ScheduleOptions& options, const std::string& name,
                              const std::string& help);

// Exit codes: 0, 1 failed, 2 wrong usage.
int set_schedule(storage::Database& database, const ScheduleOptions& options, const TimeZone& zone,
                 const FindChannel& find_channel, const Clock& clock, std::ostream& out,
                 std::ostream& err);
int list_schedules(storage::Database& database, const ScheduleOptions& options, const Clock& clock,
                   std::ostream& out, std::ostream& err);

// `name` is remove, pause or resume.
int change_schedule(storage::Database& database, const ScheduleOptions& options,
                    std::string_view name, const Clock& clock, std::ostream& out,
                    std::ostream& err);

}  // namespace bb::app
