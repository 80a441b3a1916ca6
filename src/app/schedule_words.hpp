// `schedule` in a direct message: admins set, list, pause and end what is posted by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "chat/commands.hpp"
#include "jobs/schedules.hpp"

namespace bb::app {

enum class ScheduleAction : std::uint8_t { list, set, remove, pause, resume };

// What was said after `schedule`, in any order.
struct ScheduleWish {
  ScheduleAction action = ScheduleAction::list;
  bool names_channel = false;
  std::optional<std::chrono::minutes> time_of_day = std::nullopt;
  std::optional<jobs::Weekdays> weekdays = std::nullopt;
  std::optional<TimeZone> zone = std::nullopt;
};

// "digest #general 19:00 America/Chicago mon-fri", "off #general", ...; an error says what was not
// understood.
Result<ScheduleWish> parse_schedule_wish(std::string_view arguments);

// "Friday, November 20, 19:00 CST (01:00 UTC)"
std::string slot_text(const TimeZone& zone, TimePoint at);

// A time without a zone is one of the caller's zone at the platform, or else of `zone`.
chat::Command schedule_command(const Clock& clock, TimeZone zone);

}  // namespace bb::app
