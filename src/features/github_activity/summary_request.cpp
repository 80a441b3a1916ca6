#include "features/github_activity/summary_request.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"

namespace bb::github_activity {
namespace {

std::string with_error(std::string text, const std::string& error) {
  return error.empty() ? text : text + ": " + error;
}

}  // namespace

std::string to_payload(const SummaryRequest& request) {
  boost::json::object payload = {{"channel", request.channel}};
  if (request.zone) {
    payload["zone"] = request.zone->name();
  }
  if (request.slot) {
    payload["day"] = format_day(request.slot->day);
    payload["at"] = request.slot->at.time_since_epoch().count();
  }
  return boost::json::serialize(payload);
}

Result<SummaryRequest> parse_payload(std::string_view payload) {
  const Result<boost::json::value> json = json::parse(payload);
  if (!json) {
    return fail(json.error());
  }
  const Result<std::string> channel = json::required_string(*json, "channel");
  if (!channel) {
    return fail(channel.error());
  }
  SummaryRequest request{.channel = *channel};
  if (const auto name = json::string(*json, "zone")) {
    const Result<TimeZone> zone = TimeZone::find(*name);
    if (!zone) {
      return fail(zone.error());
    }
    request.zone = *zone;
  }
  const auto day = json::string(*json, "day");
  const auto at = json::integer(*json, "at");
  if (day && at) {
    const auto date = parse_day(*day);
    if (!date) {
      return fail(date.error());
    }
    request.slot = {.day = *date, .at = TimePoint(std::chrono::milliseconds(*at))};
  }
  return request;
}

jobs::NewJob scheduled_job(const jobs::Schedule& schedule, const jobs::Slot& slot) {
  return {
      .kind = "github.summary",
      .payload = to_payload(
          {.channel = schedule.key.channel.value, .zone = schedule.timetable.zone, .slot = slot}),
      .workspace_id = schedule.key.workspace.value,
      .priority = jobs::Priority::delivery};
}

std::optional<jobs::SetUp> configured_by(storage::Connection& connection,
                                         const WorkspaceId& workspace, const ChannelId& channel) {
  const std::optional<jobs::Schedule> schedule = jobs::find_schedule(
      connection,
      {.workspace = workspace, .what = std::string(scheduled_digest), .channel = channel});
  return schedule && !schedule->configured_by.value.empty()
             ? std::optional(jobs::SetUp{.by = schedule->configured_by,
                                         .channel_name = schedule->channel_name})
             : std::nullopt;
}

std::string delivery_prefix(const JobId& job) {
  return "summary:" + job.value + ":";
}

std::string outcome_text(storage::Connection& connection, const JobId& job) {
  // The first message decides: the others follow in its thread.
  const auto deliveries = connection.query(
      "SELECT state, error FROM delivery WHERE idempotency_key = $1", {delivery_prefix(job) + "0"});
  if (!deliveries.empty()) {
    const std::string& state = deliveries[0].text(0);
    const std::string& error = deliveries[0].text(1);
    return state == "sent"     ? "posted"
           : state == "failed" ? with_error("not posted", error)
                               : with_error("about to be posted", error);
  }
  const auto jobs = connection.query("SELECT state, error FROM job WHERE id = $1", {job});
  if (jobs.empty()) {
    return "not remembered any more";
  }
  const std::string& state = jobs[0].text(0);
  const std::string& error = jobs[0].text(1);
  return state == "failed" || state == "discarded" ? with_error(state, error)
                                                   : with_error("being made", error);
}

}  // namespace bb::github_activity
