// What members can see of what is known about them: their part of the next summary, and what is
// stored.
#pragma once

#include <chrono>

#include "base/clock.hpp"
#include "base/time.hpp"
#include "chat/message.hpp"
#include "features/github_activity/replies.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct ReportSettings {
  TimeZone zone;
  bool pictures = true;  // as in summaries
  Presentation presentation = {};
  std::chrono::hours activity_kept_for;
};

// Exactly what a summary made at `now` says about the member, and why the rest is left out.
chat::Message preview(storage::Connection& connection, const Asked& asked,
                      const ReportSettings& settings, TimePoint now);

chat::Message status(storage::Connection& connection, const Asked& asked,
                     const ReportSettings& settings);

}  // namespace bb::github_activity
