#include "jobs/outbox.hpp"

#include <fmt/format.h>

#include <limits>
#include <memory>

#include "jobs/clean.hpp"
#include "jobs/deliver.hpp"

namespace bb::jobs {
namespace {

std::string_view word(Audience audience) {
  switch (audience) {
    case Audience::channel:
      return "channel";
    case Audience::person:
      return "person";
  }
  return "";
}

// The first text after all those that start with `prefix`, which ends with an ASCII character.
std::string after_all_with(std::string_view prefix) {
  std::string bound(prefix);
  if (!bound.empty()) {
    bound.back() = static_cast<char>(bound.back() + 1);
  }
  return bound;
}

chat::Message disabled_message(const DisabledChannel& channel, std::string_view name) {
  const std::string text = fmt::format(
      "I cannot post in #{} any more: {}. Until that is mended nothing is posted there. Then set "
      "it up again, or ask whoever runs me for: busy-beaver channels enable {}",
      name, channel.reason, channel.channel.value);
  return {.fallback = text, .blocks = {chat::Section{.text = {{.text = text}}}}};
}

}  // namespace

bool Outbox::add(storage::Connection& connection, const NewDelivery& delivery) {
  const std::string id = new_id(clock_, random_);
  const auto added = connection.execute(
      "INSERT INTO delivery (id, idempotency_key, workspace_id, channel, sequence, subject, "
      "message, "
      "audience, state, unclear, error, created_at, thread_of) VALUES ($1, $2, $3, $4, "
      "(SELECT coalesce(max(sequence), 0) + 1 FROM delivery WHERE workspace_id = $3 AND channel = "
      "$4), "
      "$5, $6, $7, 'pending', 0, '', $8, $9) ON CONFLICT (idempotency_key) DO NOTHING",
      {id, delivery.idempotency_key, delivery.workspace_id, delivery.channel, delivery.subject,
       sealer_.seal(delivery.rendered, sealing_context(id)), word(delivery.audience), clock_.now(),
       delivery.thread_of});
  if (added == 0) {
    return false;
  }
  enqueue_posting(connection, queue_, DeliveryId{id}, delivery.workspace_id, delivery.priority);
  return true;
}

// The number of attempts is left to Deliverer, which also has to give up the delivery.
Kind Outbox::kind(PlatformOf platform, DeliverySettings settings) {
  configured_by_ = settings.configured_by;
  render_ = settings.render;
  auto deliverer =
      std::make_shared<Deliverer>(DeliveryRows(database_, clock_), *this, clock_, random_, sealer_,
                                  std::move(platform), std::move(settings));
  return {.name = std::string(delivery_kind),
          .handle = [deliverer](const Job& job) { return (*deliverer)(job); },
          .max_attempts = std::numeric_limits<int>::max()};
}

bool Outbox::disable_channel(storage::Connection& connection, const DisabledChannel& channel,
                             std::string_view refused) {
  if (!disable(connection, channel)) {
    return false;
  }
  const std::optional<SetUp> set_up =
      configured_by_ ? configured_by_(connection, channel.workspace, channel.channel)
                     : std::nullopt;
  if (set_up) {
    add(connection, {.idempotency_key = "disabled:" + std::string(refused),
                     .workspace_id = channel.workspace.value,
                     .channel = {set_up->by.value},
                     .subject = set_up->by,
                     .rendered = render_(disabled_message(channel, set_up->channel_name)),
                     .audience = Audience::person});
  }
  return true;
}

bool Outbox::contains(storage::Connection& connection, std::string_view idempotency_key) {
  return !connection.query("SELECT 1 FROM delivery WHERE idempotency_key = $1", {idempotency_key})
              .empty();
}

bool Outbox::withdraw(storage::Connection& connection, std::string_view idempotency_key) {
  return connection.execute("DELETE FROM delivery WHERE idempotency_key = $1 AND state = 'pending'",
                            {idempotency_key}) == 1;
}

Outcomes Outbox::outcomes(std::string_view key_prefix) {
  const auto rows = database_.read([&](storage::Connection& connection) {
    return connection.query(
        "SELECT state, error FROM delivery WHERE idempotency_key >= $1 AND idempotency_key < $2 "
        "ORDER BY sequence, id",
        {key_prefix, after_all_with(key_prefix)});
  });
  Outcomes outcomes;
  std::string open_error;
  for (const storage::Row& row : rows) {
    const std::string& state = row.text(0);
    const std::string& error = row.text(1);
    if (state == "sent") {
      ++outcomes.sent;
    } else if (state == "failed" || state == "skipped") {
      if (++outcomes.failed == 1) {
        outcomes.error = error;
      }
    } else {
      ++outcomes.open;
      if (open_error.empty()) {
        open_error = error;
      }
    }
  }
  if (outcomes.failed == 0) {
    outcomes.error = open_error;
  }
  return outcomes;
}

void Outbox::erase(storage::Connection& connection, const WorkspaceId& workspace,
                   const UserId& person, const ChannelId& direct) {
  // A delivery without a subject is about nobody, so it is not this person's either.
  if (person.value.empty()) {
    return;
  }
  connection.execute(
      "DELETE FROM delivery WHERE workspace_id = $1 AND subject = $2 AND subject <> ''",
      {workspace, person});
  // A direct message is addressed to the conversation, or to the person for whom it is opened.
  connection.execute(
      "DELETE FROM delivery WHERE workspace_id = $1 AND (channel = $2 OR channel = $3) "
      "AND audience = 'person'",
      {workspace, direct, person});
}

void Outbox::forget_failed(storage::Connection& connection, std::string_view key_prefix) {
  connection.execute(
      "UPDATE delivery SET message = '' WHERE idempotency_key >= $1 AND idempotency_key < $2 "
      "AND state = 'failed'",
      {key_prefix, after_all_with(key_prefix)});
}

std::int64_t Outbox::clean(std::chrono::milliseconds age) {
  return delete_in_batches(database_,
                           "DELETE FROM delivery WHERE id IN "
                           "(SELECT id FROM delivery WHERE finished_at < $1 LIMIT $2)",
                           clock_.now() - age);
}

}  // namespace bb::jobs
