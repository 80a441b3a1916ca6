#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "features/github_activity/hiding.hpp"
#include "features/github_activity/history.hpp"
#include "features/github_activity/member_report.hpp"

namespace bb::github_activity {
namespace {

std::string stored_line(storage::Connection& connection, const LinkedMember& member,
                        const TimeZone& zone) {
  const storage::Rows rows = connection.query(
      "SELECT count(*), min(created_at) FROM activity WHERE github_id = $1", {member.account.id});
  const auto count = static_cast<std::size_t>(rows[0].integer(0));
  const std::optional<TimePoint> oldest = rows[0].optional_time(1);
  return "Stored: " + count_of(count, "activity", "activities") +
         (oldest ? ", the oldest of " + time_text(zone, *oldest) : std::string()) + ".";
}

std::string wishes_line(const LinkedMember& member, const TimeZone& zone) {
  const std::string hidden = hidden_text(member.preferences);
  return (member.paused_at
              ? "You paused on " + time_text(zone, *member.paused_at) + ": nothing is shown."
              : std::string("You are part of the summaries")) +
         (member.paused_at             ? ""
          : member.preferences.mention ? ", with a mention."
                                       : ", by name without a mention.") +
         (hidden.empty() ? " You hide nothing." : " You hide " + hidden + ".");
}

}  // namespace

chat::Message status(storage::Connection& connection, const Asked& asked,
                     const ReportSettings& settings) {
  const LinkedMember& member = asked.member;
  const TimeZone& zone = settings.zone;
  std::string rest = stored_line(connection, member, zone) + "\n" + wishes_line(member, zone);
  if (const auto last = last_outcome(connection, asked.workspace, member.user)) {
    rest += "\nThe last summary, of " + time_text(zone, last->until) + ": " + last->member.outcome +
            (last->member.detail.empty() ? "" : " (" + last->member.detail + ")") + ".";
  }
  const auto days = std::chrono::duration_cast<std::chrono::days>(settings.activity_kept_for);
  rest += "\nActivity is kept for " + std::to_string(days.count()) +
          " days. Say export for a file of everything, or disconnect to remove the link and all of "
          "this at once.";
  std::vector<chat::Block> blocks = {chat::Section{
      .text = {{.text = "You are linked to the GitHub account "},
               {.text = member.account.login,
                .url = profile_url(settings.presentation.web_url, member.account.login)},
               {.text = " (GitHub id " + std::to_string(member.account.id) + ") since " +
                        time_text(zone, member.linked_at) + ".\n" + github_text(member, zone)}}}};
  std::ranges::move(sections_of(rest), std::back_inserter(blocks));
  return reply(std::move(blocks));
}

}  // namespace bb::github_activity
