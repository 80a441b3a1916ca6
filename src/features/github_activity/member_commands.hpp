// The words by which members control what is shown about them. They only read and write the
// database, so that every way in (direct message, slash command, App Home) can call them.
#pragma once

#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "chat/commands.hpp"
#include "features/github_activity/export.hpp"
#include "features/github_activity/member_report.hpp"
#include "features/github_activity/replies.hpp"
#include "jobs/queue.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

class MemberCommands {
 public:
  MemberCommands(Exports& exports, jobs::Queue& queue, const Clock& clock, ReportSettings settings,
                 WishChanged wish_changed)
      : exports_(exports),
        queue_(queue),
        clock_(clock),
        settings_(std::move(settings)),
        wish_changed_(std::move(wish_changed)) {}

  // pause, resume, preview, hide, show, noping, ping, status, export.
  std::vector<chat::Command> commands();

 private:
  chat::Message pause(storage::Connection& connection, const Asked& asked);
  chat::Message resume(storage::Connection& connection, const Asked& asked);

  Exports& exports_;
  jobs::Queue& queue_;
  const Clock& clock_;
  ReportSettings settings_;
  WishChanged wish_changed_;
};

}  // namespace bb::github_activity
