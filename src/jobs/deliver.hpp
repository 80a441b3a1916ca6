// The job that posts one delivery: in order, at a pace, and not twice.
#pragma once

#include <string>
#include <string_view>

#include "jobs/delivery_rows.hpp"
#include "jobs/outbox.hpp"

namespace bb::jobs {

// A delivery that is found in `sending` had a call whose outcome nobody knows: it is looked for in
// the chat before it is posted again. One that is refused may be posted once more in another way,
// which is written to its row first.
class Deliverer {
 public:
  Deliverer(DeliveryRows rows, Outbox& outbox, const Clock& clock, Random& random,
            const crypto::Sealer& sealer, Outbox::PlatformOf platform_of, DeliverySettings settings)
      : rows_(rows),
        outbox_(outbox),
        clock_(clock),
        random_(random),
        sealer_(sealer),
        platform_of_(std::move(platform_of)),
        settings_(std::move(settings)) {}

  Result<Outcome> operator()(const Job& job);

 private:
  std::optional<Result<Outcome>> stopped_by(const Obstacles& obstacles,
                                            const OpenDelivery& delivery);
  Result<Outcome> reconcile_and_post(const Job& job, chat::Platform& platform,
                                     const OpenDelivery& delivery);
  Result<Outcome> post(const Job& job, chat::Platform& platform, const OpenDelivery& delivery);
  Result<Outcome> refused(const Job& job, chat::Platform& platform, const OpenDelivery& delivery,
                          const Error& error);
  [[nodiscard]] Outcome look_again() const;

  Result<Outcome> mark_sent(const OpenDelivery& delivery, const std::string& timestamp);
  Result<Outcome> mark_posted(const OpenDelivery& delivery, const std::string& timestamp);
  Result<Outcome> mark_failed(const OpenDelivery& delivery, Error error, Posted posted,
                              const Consequence& consequence = {});
  Result<Outcome> disable_channel(const OpenDelivery& delivery, const Error& error);
  Result<Outcome> put_back(const Job& job, const OpenDelivery& delivery, const Error& error);
  Result<Outcome> keep_unclear(const OpenDelivery& delivery, const Error& error);
  Result<Outcome> try_later(const Job& job, const OpenDelivery& delivery, const Error& error);
  Result<Outcome> pause_workspace(const OpenDelivery& delivery, const Error& error);

  DeliveryRows rows_;
  Outbox& outbox_;
  const Clock& clock_;
  Random& random_;
  const crypto::Sealer& sealer_;
  Outbox::PlatformOf platform_of_;
  DeliverySettings settings_;
};

// The job that posts a delivery.
void enqueue_posting(storage::Connection& connection, Queue& queue, const DeliveryId& delivery,
                     const std::string& workspace_id, Priority priority);

// What a delivery's message is sealed for: it cannot be moved to another delivery.
std::string sealing_context(std::string_view delivery_id);

}  // namespace bb::jobs
