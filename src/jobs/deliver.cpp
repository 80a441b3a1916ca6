#include "jobs/deliver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>

#include "base/json.hpp"
#include "base/log.hpp"

namespace bb::jobs {
namespace {

constexpr std::chrono::seconds pace{1};  // Slack: one message per second and channel
constexpr std::chrono::minutes longest_queue_wait{1};
constexpr std::chrono::minutes clock_difference{1};  // between us and the platform, at most
constexpr std::chrono::hours give_up_after{72};      // of an outage: older news are none
constexpr std::int64_t max_unclear = 8;
constexpr std::chrono::seconds longest_retry_after = std::chrono::hours(24);

constexpr std::string_view how_to_resend =
    "it is unknown whether this was posted, and the history of the channel cannot be read; it is "
    "not "
    "posted again, because POST_UNCERTAIN is skip (resend would post it again)";

// An error that the runner does not try again.
Error final_error(Error error) {
  switch (error.code) {
    case ErrorCode::rate_limited:
    case ErrorCode::unavailable:
    case ErrorCode::uncertain:
    case ErrorCode::internal:
      error.code = ErrorCode::conflict;
      break;
    case ErrorCode::invalid_input:
    case ErrorCode::not_found:
    case ErrorCode::conflict:
    case ErrorCode::unauthorized:
    case ErrorCode::forbidden:
    case ErrorCode::bad_response:
      break;
  }
  return error;
}

}  // namespace

std::string sealing_context(std::string_view delivery_id) {
  return fmt::format("delivery:{}", delivery_id);
}

Result<Outcome> Deliverer::operator()(const Job& job) {
  const Result<boost::json::value> payload = json::parse(job.payload);
  if (!payload) {
    return bb::fail(ErrorCode::invalid_input, payload.error().within("payload").message);
  }
  const Result<std::string> id = json::required_string(*payload, "delivery_id");
  if (!id) {
    return bb::fail(ErrorCode::invalid_input, id.error().within("payload").message);
  }
  const std::optional<Delivery> delivery = load_open(DeliveryId{*id});
  if (!delivery) {
    return Done{};
  }
  if (const auto at = turn(*delivery)) {
    return RunAgain{*at};
  }
  const Result<chat::Platform*> platform = platform_of_(delivery->workspace_id);
  if (!platform) {
    return try_later(job, *delivery, platform.error());
  }
  return delivery->sending ? reconcile_and_post(job, **platform, *delivery)
                           : post(job, **platform, *delivery);
}

// Nothing if it was sent, has failed, or was erased.
std::optional<Deliverer::Delivery> Deliverer::load_open(const DeliveryId& id) {
  const auto rows = database_.read([&](storage::Connection& connection) {
    return connection.query(
        "SELECT workspace_id, channel, sequence, message, audience, state, attempted_at, unclear, "
        "created_at FROM delivery WHERE id = $1 AND state IN ('pending', 'sending')",
        {id});
  });
  if (rows.empty()) {
    return std::nullopt;
  }
  const storage::Row& row = rows[0];
  return Delivery{.id = id,
                  .workspace_id = row.text(0),
                  .channel = {row.text(1)},
                  .sequence = row.integer(2),
                  .sealed = row.text(3),
                  .audience = row.text(4) == "person" ? Audience::person : Audience::channel,
                  .sending = row.text(5) == "sending",
                  .attempted_at = row.optional_time(6),
                  .unclear = row.integer(7),
                  .created_at = row.time(8)};
}

// When to come back, if it is not this delivery's turn: after the older ones of its channel, each
// of which takes a second, and a second after the last one.
std::optional<TimePoint> Deliverer::turn(const Delivery& delivery) {
  const TimePoint now = clock_.now();
  return database_.read([&](storage::Connection& connection) -> std::optional<TimePoint> {
    const auto older = connection.query(
        "SELECT count(*), min(job.run_at) FROM delivery "
        "LEFT JOIN job ON job.unique_key = 'deliver:' || delivery.id AND job.state = 'ready' "
        "WHERE delivery.workspace_id = $1 AND delivery.channel = $2 "
        "AND delivery.state IN ('pending', 'sending') "
        "AND (delivery.sequence < $3 OR (delivery.sequence = $3 AND delivery.id < $4))",
        {delivery.workspace_id, delivery.channel, delivery.sequence, delivery.id});
    if (const std::int64_t count = older.at(0).integer(0); count > 0) {
      const TimePoint next = std::max(now, older[0].optional_time(1).value_or(now));
      return std::min<TimePoint>(next + pace * count, now + longest_queue_wait);
    }
    const auto last = connection.query(
        "SELECT max(finished_at) FROM delivery WHERE workspace_id = $1 AND channel = $2",
        {delivery.workspace_id, delivery.channel});
    const auto finished_at = last.at(0).optional_time(0);
    if (finished_at && *finished_at <= now && *finished_at + pace > now) {
      return *finished_at + pace;
    }
    return std::nullopt;
  });
}

Result<Outcome> Deliverer::reconcile_and_post(const Job& job, chat::Platform& platform,
                                              const Delivery& delivery) {
  const TimePoint since = delivery.attempted_at.value_or(delivery.created_at) - clock_difference;
  const Result<std::optional<std::string>> found =
      platform.find_posted(delivery.channel, delivery.id, since);
  if (found && *found) {
    return mark_sent(delivery, **found);
  }
  if (found) {
    return post(job, platform, delivery);
  }
  if (found.error().code != ErrorCode::forbidden) {
    return try_later(job, delivery, found.error().within("looking for an earlier post"));
  }
  if (delivery.audience == Audience::person || policy_ == UncertainPolicy::resend) {
    return post(job, platform, delivery);
  }
  return mark_failed(delivery, Error{ErrorCode::forbidden, std::string(how_to_resend)});
}

Result<Outcome> Deliverer::post(const Job& job, chat::Platform& platform,
                                const Delivery& delivery) {
  const std::optional<std::string> message =
      sealer_.open(delivery.sealed, sealing_context(delivery.id.value));
  if (!message) {
    return mark_failed(delivery, Error{ErrorCode::invalid_input,
                                       "the stored message cannot be opened: SECRET_KEY is not the "
                                       "one it was sealed with"});
  }
  const std::optional<Delivery> begun = begin(delivery);
  if (!begun) {
    return look_again();
  }
  const Result<std::string> posted = platform.post(delivery.channel, *message, delivery.id);
  if (posted) {
    return mark_sent(*begun, *posted);
  }
  switch (posted.error().code) {
    case ErrorCode::rate_limited:
    case ErrorCode::unavailable:
    case ErrorCode::unauthorized:
      return put_back(job, *begun, posted.error());
    case ErrorCode::uncertain:
    case ErrorCode::bad_response:
    case ErrorCode::internal:
      return keep_unclear(*begun, posted.error());
    case ErrorCode::invalid_input:
    case ErrorCode::not_found:
    case ErrorCode::conflict:
    case ErrorCode::forbidden:
      break;
  }
  return mark_failed(*begun, posted.error());
}

// The row has changed since it was loaded: another worker took over, or it was erased.
Outcome Deliverer::look_again() const {
  return RunAgain{clock_.now() + pace};
}

// Changes the row only if it is still as `known`. The time of the call is the fencing token, so it
// differs from that of every earlier call.
bool Deliverer::update(std::string_view sql, const Delivery& known,
                       std::initializer_list<storage::Value> values) {
  std::vector<storage::Value> parameters{known.id, known.sending ? "sending" : "pending",
                                         known.attempted_at.value_or(TimePoint{})};
  parameters.insert(parameters.end(), values.begin(), values.end());
  return database_.write(
      [&](storage::Connection& connection) { return connection.execute(sql, parameters) == 1; });
}

// Writes down that a call is about to be made; nothing if the row has changed.
std::optional<Deliverer::Delivery> Deliverer::begin(const Delivery& delivery) {
  Delivery begun = delivery;
  begun.sending = true;
  begun.attempted_at = clock_.now();
  if (delivery.attempted_at) {
    begun.attempted_at =
        std::max(*begun.attempted_at, *delivery.attempted_at + std::chrono::milliseconds(1));
  }
  const bool changed = update(
      "UPDATE delivery SET state = 'sending', attempted_at = $4 "
      "WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery, {*begun.attempted_at});
  return changed ? std::optional(std::move(begun)) : std::nullopt;
}

Result<Outcome> Deliverer::mark_sent(const Delivery& delivery, const std::string& timestamp) {
  const bool changed = update(
      "UPDATE delivery SET state = 'sent', platform_timestamp = $4, message = '', subject = '', "
      "error = '', finished_at = $5 "
      "WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery, {timestamp, clock_.now()});
  return changed ? Outcome(Done{}) : look_again();
}

Result<Outcome> Deliverer::mark_failed(const Delivery& delivery, Error error) {
  const bool changed = update(
      "UPDATE delivery SET state = 'failed', message = '', subject = '', error = $4, "
      "finished_at = $5 WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery, {error.message, clock_.now()});
  if (!changed) {
    return look_again();
  }
  log::error("delivery_failed", {{"delivery", delivery.id.value},
                                 {"workspace", delivery.workspace_id},
                                 {"channel", delivery.channel.value},
                                 {"code", to_string(error.code)},
                                 {"reason", error.message}});
  return bb::fail(final_error(std::move(error)));
}

// After an answer that says that nothing was posted.
Result<Outcome> Deliverer::put_back(const Job& job, const Delivery& delivery, Error error) {
  if (error.code == ErrorCode::unauthorized) {
    error = error.within("the platform refuses the bot's token, replace it and start again");
  }
  const bool changed = update(
      "UPDATE delivery SET state = 'pending', error = $4 "
      "WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery, {error.message});
  if (!changed) {
    return look_again();
  }
  Delivery pending = delivery;
  pending.sending = false;
  return try_later(job, pending, error);
}

// The row stays as it is: the next attempt looks for the message first.
Result<Outcome> Deliverer::keep_unclear(const Delivery& delivery, const Error& error) {
  const bool changed = update(
      "UPDATE delivery SET unclear = unclear + 1, error = $4 "
      "WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery, {error.message});
  if (!changed) {
    return look_again();
  }
  if (delivery.unclear + 1 >= max_unclear) {
    return mark_failed(delivery, error.within(fmt::format("given up after {} unclear answers, the "
                                                          "last may have been posted",
                                                          max_unclear)));
  }
  return bb::fail(Error{ErrorCode::uncertain, error.message, error.retry_after});
}

// Waits for the platform or the operator, but not for ever, because the channel waits too.
Result<Outcome> Deliverer::try_later(const Job& job, const Delivery& delivery, const Error& error) {
  const bool passes = error.code == ErrorCode::rate_limited ||
                      error.code == ErrorCode::unavailable || error.code == ErrorCode::uncertain ||
                      error.code == ErrorCode::unauthorized ||
                      error.code == ErrorCode::bad_response || error.code == ErrorCode::internal;
  if (!passes) {
    return mark_failed(delivery, error);
  }
  if (clock_.now() - delivery.created_at > give_up_after) {
    return mark_failed(delivery,
                       error.within(fmt::format("given up after {} hours", give_up_after.count())));
  }
  if (error.code != ErrorCode::rate_limited) {
    return bb::fail(Error{ErrorCode::unavailable, error.message, error.retry_after});
  }
  const std::chrono::milliseconds wait =
      error.retry_after
          ? std::clamp<std::chrono::milliseconds>(*error.retry_after, pace, longest_retry_after)
          : backoff(std::max(job.attempts, 1), random_);
  log::info("delivery_rate_limited", {{"delivery", delivery.id.value},
                                      {"channel", delivery.channel.value},
                                      {"wait_ms", wait.count()}});
  return RunAgain{clock_.now() + wait};
}

}  // namespace bb::jobs
