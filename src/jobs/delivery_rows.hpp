// The rows of deliveries that are not finished, as the workers that post them read and change them.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "chat/platform.hpp"
#include "chat/workspaces.hpp"
#include "jobs/disabled_channels.hpp"
#include "jobs/outbox.hpp"

namespace bb::jobs {

struct OpenDelivery {
  DeliveryId id;
  std::string workspace_id;
  ChannelId channel;
  std::int64_t sequence = 0;
  std::string sealed;
  Audience audience = Audience::channel;
  bool sending = false;
  std::optional<TimePoint> attempted_at;
  std::int64_t unclear = 0;
  TimePoint created_at;
  std::string thread_of;  // key of the delivery it replies to
  std::string thread;     // the platform's id of it, as of the last call
  chat::Form form = chat::Form::rich;
  std::optional<TimePoint> retried_at;     // an operator wants it posted, whatever is known
  std::optional<TimePoint> unclear_since;  // of the first call whose fate nobody knows
  bool is_marked = true;                   // its id travels with it

  [[nodiscard]] TimePoint waiting_since() const { return retried_at.value_or(created_at); }
  [[nodiscard]] chat::Place place() const { return {.channel = channel, .thread = thread}; }
};

// How to post what was refused, at the next call.
struct SecondTry {
  chat::Form form = chat::Form::rich;
  std::string thread_of = {};
  bool is_marked = true;
};

// Whether a message that has failed may be in the chat all the same.
enum class Posted { no, perhaps };

// What keeps a delivery from being posted, whoever's turn it is.
struct Obstacles {
  std::optional<chat::Pause> pause;  // of its workspace
  std::optional<DisabledChannel> disabled;
};

// What a change of a row takes along, in the same transaction.
using Consequence = std::function<void(storage::Connection&)>;

// pending -> sending (written before the call) -> sent | failed. A worker whose lease ran out
// meanwhile changes nothing any more: each change is made only to the row as that worker left it,
// and answers nothing or false if it is not like that any more.
class DeliveryRows {
 public:
  DeliveryRows(storage::Database& database, const Clock& clock)
      : database_(database), clock_(clock) {}

  // Nothing if it was sent, has failed, or was erased.
  std::optional<OpenDelivery> load(const DeliveryId& id);

  // When to come back, if it is not this delivery's turn: after the older ones of its channel, each
  // of which takes `pace`, and `pace` after the last one.
  std::optional<TimePoint> turn(const OpenDelivery& delivery);

  Obstacles obstacles(const OpenDelivery& delivery);

  // False if its workspace is paused already.
  void pause_workspace(const OpenDelivery& delivery, const std::string& reason);

  // Writes down that a call is about to be made, and in which thread. A reply whose parent has no
  // place in the chat is no reply any more.
  std::optional<OpenDelivery> begin(const OpenDelivery& delivery);

  // After an answer that says that nothing was posted.
  std::optional<OpenDelivery> put_back(const OpenDelivery& delivery, std::string_view error);
  std::optional<OpenDelivery> put_back_as(const OpenDelivery& delivery, const SecondTry& next,
                                          std::string_view error);

  // The row stays in sending: the next attempt looks for the message first.
  bool count_unclear(const OpenDelivery& delivery, std::string_view error);

  bool mark_sent(const OpenDelivery& delivery, std::string_view timestamp,
                 const Consequence& consequence);

  // It keeps its message, so that it can be tried again.
  bool mark_failed(const OpenDelivery& delivery, std::string_view error, Posted posted,
                   const Consequence& consequence);

 private:
  std::string thread_for(const OpenDelivery& delivery);
  bool update(std::string_view sql, const OpenDelivery& known,
              std::initializer_list<storage::Value> values, const Consequence& consequence = {});

  storage::Database& database_;
  const Clock& clock_;
};

inline constexpr std::chrono::seconds pace{1};  // Slack: one message per second and channel

}  // namespace bb::jobs
