// Messages on their way to a chat platform, one row each: written in the transaction that decides on them,
// posted by a job.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "chat/platform.hpp"
#include "crypto/crypto.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

// Who reads it decides what to do when nobody can tell whether it was posted: an answer to a person is sent
// again (twice is better than never); a post to a channel follows UncertainPolicy.
enum class Audience { channel, person };

enum class UncertainPolicy { skip, resend };  // POST_UNCERTAIN

struct NewDelivery {
  std::string idempotency_key;  // a second delivery with the same key is not added
  std::string workspace_id;
  ChannelId channel;
  UserId subject = {};          // whom it is about, so that it can be erased
  std::string rendered;         // what Platform::post takes
  Audience audience = Audience::channel;
  Priority priority = Priority::delivery;
};

class Outbox {
 public:
  Outbox(storage::Database& database, Queue& queue, const Clock& clock, Random& random,
         const crypto::Sealer& sealer)
      : database_(database), queue_(queue), clock_(clock), random_(random), sealer_(sealer) {}

  // Adds the message and the job that posts it, within the caller's transaction; false if the key exists.
  bool add(storage::Connection& connection, const NewDelivery& delivery);

  // The job kind "deliver". `platform` finds the platform of a workspace. Messages of one channel are posted
  // in the order of their ids, at most one a second.
  using PlatformOf = std::function<Result<chat::Platform*>(const std::string& workspace_id)>;
  Kind kind(PlatformOf platform, UncertainPolicy policy);

  // Removes finished deliveries older than `age`; returns how many.
  std::int64_t clean(std::chrono::milliseconds age);

 private:
  storage::Database& database_;
  Queue& queue_;
  const Clock& clock_;
  Random& random_;
  const crypto::Sealer& sealer_;
};

}  // namespace bb::jobs
