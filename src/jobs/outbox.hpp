// Messages on their way to a chat platform, one row each: written in the transaction that decides
// on them, posted by a job.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "chat/platform.hpp"
#include "crypto/crypto.hpp"
#include "jobs/disabled_channels.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

// Who reads it decides what to do when nobody can tell whether it was posted: an answer to a person
// is sent again (twice is better than never); a post to a channel follows UncertainPolicy.
enum class Audience { channel, person };

inline constexpr std::string_view delivery_kind = "deliver";

enum class UncertainPolicy { skip, resend };  // POST_UNCERTAIN

inline constexpr std::chrono::seconds default_settling{45};

struct NewDelivery {
  std::string idempotency_key;  // a second delivery with the same key is not added
  std::string workspace_id;
  ChannelId channel;
  UserId subject = {};   // whom it is about, so that it can be erased
  std::string rendered;  // what Platform::post takes
  Audience audience = Audience::channel;
  Priority priority = Priority::delivery;
  // Idempotency key of the delivery under which this one is posted as a reply, an earlier one of
  // the same channel; empty: in the channel itself. A reply whose parent could not be posted is
  // posted in the channel itself.
  std::string thread_of = {};
};

struct Outcomes {
  std::size_t open = 0;
  std::size_t sent = 0;
  std::size_t failed = 0;
  std::string error;  // of the first that failed, or else of the first that is tried again
};

// Who set up what is posted to a channel, and how people call it.
struct SetUp {
  UserId by;
  std::string channel_name;  // without #
};

// Nothing if nobody is known.
using ConfiguredBy = std::function<std::optional<SetUp>(
    storage::Connection& connection, const WorkspaceId& workspace, const ChannelId& channel)>;

struct DeliverySettings {
  UncertainPolicy uncertain = UncertainPolicy::skip;
  // How long after a call without a clear answer its message may still appear: the time limit of a
  // call, and what the platform may take to act on a request whose caller has gone. Only then does
  // a history without the message say that it was not posted.
  std::chrono::milliseconds settling = default_settling;
  // Whoever set a channel up is told in a direct message when it had to be disabled.
  ConfiguredBy configured_by = {};
  chat::Renderer render = nullptr;
};

class Outbox {
 public:
  Outbox(storage::Database& database, Queue& queue, const Clock& clock, Random& random,
         const crypto::Sealer& sealer)
      : database_(database), queue_(queue), clock_(clock), random_(random), sealer_(sealer) {}

  // Adds the message and the job that posts it, within the caller's transaction; false if the key
  // exists.
  bool add(storage::Connection& connection, const NewDelivery& delivery);

  // The job kind "deliver". `platform` finds the platform of a workspace. Messages of one channel
  // are posted in the order of adding, at most one a second.
  using PlatformOf = std::function<Result<chat::Platform*>(const std::string& workspace_id)>;
  Kind kind(PlatformOf platform, DeliverySettings settings);

  // The platform refuses to take posts in the channel: disables it, and tells whoever set it up
  // once. `refused` names what was refused. False if it is disabled already.
  bool disable_channel(storage::Connection& connection, const DisabledChannel& channel,
                       std::string_view refused);

  // True if a delivery with this key was added before, sent or not.
  bool contains(storage::Connection& connection, std::string_view idempotency_key);

  // Takes back a delivery that nobody has begun to post; false if there is none.
  bool withdraw(storage::Connection& connection, std::string_view idempotency_key);

  // What became of the deliveries whose keys start with `key_prefix`.
  Outcomes outcomes(std::string_view key_prefix);

  // Removes the open and failed deliveries about a person and all that were addressed to that
  // person, whose direct conversation is `direct`; what is in a chat already stays there. (A posted
  // one does not know any more whom it was about.) Answers to the person that are still to be
  // posted are added after this.
  void erase(storage::Connection& connection, const WorkspaceId& workspace, const UserId& person,
             const ChannelId& direct);

  // Forgets the messages of failed deliveries whose keys start with `key_prefix`: they cannot be
  // tried again.
  static void forget_failed(storage::Connection& connection, std::string_view key_prefix);

  // Removes finished deliveries older than `age`; returns how many.
  std::int64_t clean(std::chrono::milliseconds age);

 private:
  storage::Database& database_;
  Queue& queue_;
  const Clock& clock_;
  Random& random_;
  const crypto::Sealer& sealer_;
  ConfiguredBy configured_by_;  // as kind() was told
  chat::Renderer render_ = nullptr;
};

}  // namespace bb::jobs
