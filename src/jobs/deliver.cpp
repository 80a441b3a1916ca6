#include "jobs/deliver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>

#include "base/json.hpp"
#include "base/log.hpp"
#include "jobs/workspace_pauses.hpp"

namespace bb::jobs {
namespace {

constexpr std::chrono::minutes clock_difference{1};  // between us and the platform, at most
constexpr std::chrono::hours give_up_after{72};      // of an outage: older news are none

// A message that never gets a clear answer is in the way of all others of its channel, but an
// incident of the platform is no reason to give up.
constexpr std::int64_t max_unclear = 8;
constexpr std::chrono::hours least_patience{1};

constexpr std::chrono::seconds longest_retry_after = std::chrono::hours(24);

constexpr std::string_view how_to_resend =
    "it is unknown whether this was posted, and it cannot be looked for in the channel; it is not "
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

// What a refusal for good leaves to be tried: a message whose content is refused may pass as plain
// text, a reply whose thread is gone stands as well in the channel itself, and one that may not
// carry its id is better than none.
std::optional<SecondTry> second_try(const OpenDelivery& delivery, ErrorCode refusal) {
  SecondTry next{
      .form = delivery.form, .thread_of = delivery.thread_of, .is_marked = delivery.is_marked};
  if (refusal == ErrorCode::invalid_input && delivery.form == chat::Form::rich) {
    next.form = chat::Form::plain;
    return next;
  }
  if (refusal == ErrorCode::not_found && !delivery.thread.empty()) {
    next.thread_of.clear();
    return next;
  }
  if (refusal == ErrorCode::conflict && delivery.is_marked) {
    next.is_marked = false;
    return next;
  }
  return std::nullopt;
}

std::string_view name_of_change(const OpenDelivery& delivery, const SecondTry& next) {
  if (next.form != delivery.form) {
    return "delivery_simplified";
  }
  return next.is_marked ? "delivery_outside_thread" : "delivery_unmarked";
}

// Of a call before, nobody knows what came of it.
Posted posted_before(const OpenDelivery& delivery) {
  return delivery.sending || delivery.unclear_since ? Posted::perhaps : Posted::no;
}

// The same, when the last call certainly posted nothing.
Posted posted_before_last(const OpenDelivery& delivery) {
  return delivery.unclear_since && delivery.unclear_since != delivery.attempted_at ? Posted::perhaps
                                                                                   : Posted::no;
}

void log_change(std::string_view event, const OpenDelivery& delivery, std::string_view reason) {
  log::warning(event, {{"delivery", delivery.id.value},
                       {"workspace", delivery.workspace_id},
                       {"channel", delivery.channel.value},
                       {"reason", reason}});
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
  const std::optional<OpenDelivery> delivery = rows_.load(DeliveryId{*id});
  if (!delivery) {
    return Done{};
  }
  if (const auto at = rows_.turn(*delivery)) {
    return RunAgain{*at};
  }
  if (auto stopped = stopped_by(rows_.obstacles(*delivery), *delivery)) {
    return *std::move(stopped);
  }
  const Result<chat::Platform*> platform = platform_of_(delivery->workspace_id);
  if (!platform) {
    return try_later(job, *delivery, platform.error());
  }
  return delivery->sending ? reconcile_and_post(job, **platform, *delivery)
                           : post(job, **platform, *delivery);
}

// What may have been posted already is looked for first, wherever it is, and what an operator asked
// for is tried.
std::optional<Result<Outcome>> Deliverer::stopped_by(const Obstacles& obstacles,
                                                     const OpenDelivery& delivery) {
  const TimePoint now = clock_.now();
  if (obstacles.pause) {
    if (now - delivery.waiting_since() > give_up_after) {
      return mark_failed(
          delivery,
          {ErrorCode::unauthorized, fmt::format("given up after {} hours, as the workspace is "
                                                "paused: {}",
                                                give_up_after.count(), obstacles.pause->reason)},
          posted_before(delivery));
    }
    return RunAgain{now + WorkspacePauses::look_interval};
  }
  if (obstacles.disabled && delivery.audience == Audience::channel && !delivery.sending &&
      !delivery.retried_at) {
    return mark_failed(delivery, {ErrorCode::forbidden, obstacles.disabled->explanation()},
                       posted_before(delivery));
  }
  return std::nullopt;
}

Result<Outcome> Deliverer::reconcile_and_post(const Job& job, chat::Platform& platform,
                                              const OpenDelivery& delivery) {
  const TimePoint attempted_at = delivery.attempted_at.value_or(delivery.created_at);
  const TimePoint since = delivery.unclear_since.value_or(attempted_at) - clock_difference;
  const TimePoint settled_at = attempted_at + settings_.settling;
  const bool has_settled = clock_.now() >= settled_at;
  const Result<std::optional<std::string>> found =
      delivery.is_marked ? platform.find_posted(delivery.place(), delivery.id, since)
                         : bb::fail(ErrorCode::forbidden, "it does not carry its id");
  if (found && *found) {
    return mark_sent(delivery, **found);
  }
  if (found && !has_settled) {
    return RunAgain{settled_at};
  }
  if (found) {
    OpenDelivery absent = delivery;
    absent.unclear_since.reset();
    return post(job, platform, absent);
  }
  if (found.error().code == ErrorCode::unauthorized) {
    return pause_workspace(delivery, found.error());
  }
  if (found.error().code != ErrorCode::forbidden) {
    return try_later(job, delivery, found.error().within("looking for an earlier post"));
  }
  // An operator's retry wants one call, whatever is known, and not one more after each unclear one.
  const bool is_retry =
      delivery.retried_at && *delivery.retried_at > delivery.attempted_at.value_or(TimePoint{});
  if (delivery.audience == Audience::person || is_retry ||
      settings_.uncertain == UncertainPolicy::resend) {
    return post(job, platform, delivery);
  }
  return mark_failed(delivery, Error{ErrorCode::forbidden, std::string(how_to_resend)},
                     Posted::perhaps);
}

Result<Outcome> Deliverer::post(const Job& job, chat::Platform& platform,
                                const OpenDelivery& delivery) {
  const std::optional<std::string> message =
      sealer_.open(delivery.sealed, sealing_context(delivery.id.value));
  if (!message) {
    return mark_failed(delivery,
                       Error{ErrorCode::invalid_input,
                             "the stored message cannot be opened: SECRET_KEY is not the one it "
                             "was sealed with"},
                       posted_before(delivery));
  }
  const std::optional<OpenDelivery> begun = rows_.begin(delivery);
  if (!begun) {
    return look_again();
  }
  if (begun->thread_of != delivery.thread_of) {
    log_change("delivery_outside_thread", delivery, "its parent is not in the chat");
  }
  const Result<std::string> posted = platform.post({.place = begun->place(),
                                                    .rendered = *message,
                                                    .delivery = begun->id,
                                                    .form = begun->form,
                                                    .is_marked = begun->is_marked});
  return posted ? mark_posted(*begun, *posted) : refused(job, platform, *begun, posted.error());
}

Result<Outcome> Deliverer::refused(const Job& job, chat::Platform& platform,
                                   const OpenDelivery& delivery, const Error& error) {
  switch (error.code) {
    case ErrorCode::rate_limited:
    case ErrorCode::unavailable:
    case ErrorCode::unauthorized:
      return put_back(job, delivery, error);
    case ErrorCode::uncertain:
    case ErrorCode::bad_response:
    case ErrorCode::internal:
      return keep_unclear(delivery, error);
    case ErrorCode::invalid_input:
    case ErrorCode::not_found:
    case ErrorCode::conflict:
    case ErrorCode::forbidden:
      break;
  }
  const std::optional<SecondTry> next = second_try(delivery, error.code);
  if (!next) {
    const bool channel_refuses =
        error.code == ErrorCode::not_found || error.code == ErrorCode::forbidden;
    return channel_refuses && delivery.audience == Audience::channel
               ? disable_channel(delivery, error)
               : mark_failed(delivery, error, posted_before_last(delivery));
  }
  const std::optional<OpenDelivery> changed = rows_.put_back_as(delivery, *next, error.message);
  if (!changed) {
    return look_again();
  }
  log_change(name_of_change(delivery, *next), delivery, error.message);
  return post(job, platform, *changed);
}

// The row has changed since it was loaded: another worker took over, or it was erased.
Outcome Deliverer::look_again() const {
  return RunAgain{clock_.now() + pace};
}

Result<Outcome> Deliverer::mark_sent(const OpenDelivery& delivery, const std::string& timestamp) {
  return rows_.mark_sent(delivery, timestamp, {}) ? Outcome(Done{}) : look_again();
}

// What was retried although its channel is disabled, and posted just now, shows that the channel
// takes posts again.
Result<Outcome> Deliverer::mark_posted(const OpenDelivery& delivery, const std::string& timestamp) {
  if (!delivery.retried_at) {
    return mark_sent(delivery, timestamp);
  }
  bool enabled = false;
  const bool sent = rows_.mark_sent(delivery, timestamp, [&](storage::Connection& connection) {
    enabled = enable(connection, {delivery.workspace_id}, delivery.channel);
  });
  if (sent && enabled) {
    log_change("channel_enabled", delivery, "an earlier message could be posted");
  }
  return sent ? Outcome(Done{}) : look_again();
}

Result<Outcome> Deliverer::mark_failed(const OpenDelivery& delivery, Error error, Posted posted,
                                       const Consequence& consequence) {
  if (!rows_.mark_failed(delivery, error.message, posted, consequence)) {
    return look_again();
  }
  log::error("delivery_failed", {{"delivery", delivery.id.value},
                                 {"workspace", delivery.workspace_id},
                                 {"channel", delivery.channel.value},
                                 {"code", to_string(error.code)},
                                 {"reason", error.message}});
  return bb::fail(final_error(std::move(error)));
}

Result<Outcome> Deliverer::disable_channel(const OpenDelivery& delivery, const Error& error) {
  bool disabled = false;
  const auto consequence = [&](storage::Connection& connection) {
    const DisabledChannel channel{.workspace = {delivery.workspace_id},
                                  .channel = delivery.channel,
                                  .reason = error.message,
                                  .since = clock_.now()};
    disabled = outbox_.disable_channel(connection, channel, delivery.id.value);
  };
  const Result<Outcome> failed =
      mark_failed(delivery, error, posted_before_last(delivery), consequence);
  if (disabled && !failed) {
    log_change("channel_disabled", delivery, error.message);
  }
  return failed;
}

// After an answer that says that nothing was posted.
Result<Outcome> Deliverer::put_back(const Job& job, const OpenDelivery& delivery,
                                    const Error& error) {
  const std::optional<OpenDelivery> pending = rows_.put_back(delivery, error.message);
  if (!pending) {
    return look_again();
  }
  return error.code == ErrorCode::unauthorized ? pause_workspace(*pending, error)
                                               : try_later(job, *pending, error);
}

// The deliveries of the workspace wait, without attempts that are counted, until the token works.
Result<Outcome> Deliverer::pause_workspace(const OpenDelivery& delivery, const Error& error) {
  rows_.pause_workspace(delivery, error.message);
  return RunAgain{clock_.now() + WorkspacePauses::look_interval};
}

Result<Outcome> Deliverer::keep_unclear(const OpenDelivery& delivery, const Error& error) {
  if (!rows_.count_unclear(delivery, error.message)) {
    return look_again();
  }
  if (delivery.unclear + 1 >= max_unclear &&
      clock_.now() - delivery.waiting_since() >= least_patience) {
    return mark_failed(delivery,
                       error.within(fmt::format("given up after {} unclear answers, the "
                                                "last may have been posted",
                                                delivery.unclear + 1)),
                       Posted::perhaps);
  }
  return bb::fail(Error{ErrorCode::uncertain, error.message, error.retry_after});
}

// Waits for the platform or the operator, but not for ever, because the channel waits too.
Result<Outcome> Deliverer::try_later(const Job& job, const OpenDelivery& delivery,
                                     const Error& error) {
  const bool passes = error.code == ErrorCode::rate_limited ||
                      error.code == ErrorCode::unavailable || error.code == ErrorCode::uncertain ||
                      error.code == ErrorCode::unauthorized ||
                      error.code == ErrorCode::bad_response || error.code == ErrorCode::internal;
  if (!passes) {
    return mark_failed(delivery, error, posted_before(delivery));
  }
  if (clock_.now() - delivery.waiting_since() > give_up_after) {
    return mark_failed(delivery,
                       error.within(fmt::format("given up after {} hours", give_up_after.count())),
                       posted_before(delivery));
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

void enqueue_posting(storage::Connection& connection, Queue& queue, const DeliveryId& delivery,
                     const std::string& workspace_id, Priority priority) {
  // The job is about nobody: it names only the delivery, whose own order is that of its channel.
  queue.enqueue(connection, {.kind = std::string(delivery_kind),
                             .payload = fmt::format(R"({{"delivery_id":"{}"}})", delivery.value),
                             .unique_key = "deliver:" + delivery.value,
                             .workspace_id = workspace_id,
                             .priority = priority});
}

}  // namespace bb::jobs
