// The job that posts one delivery: in order, at a pace, and not twice.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/outbox.hpp"

namespace bb::jobs {

// pending -> sending (written before the call) -> sent | failed. A delivery that is found in
// `sending` had a call whose outcome nobody knows: it is looked for in the channel before it is
// posted again. A worker whose lease ran out meanwhile changes nothing any more: each change is
// made only to the row as that worker left it.
class Deliverer {
 public:
  Deliverer(storage::Database& database, const Clock& clock, Random& random,
            const crypto::Sealer& sealer, Outbox::PlatformOf platform_of, UncertainPolicy policy)
      : database_(database),
        clock_(clock),
        random_(random),
        sealer_(sealer),
        platform_of_(std::move(platform_of)),
        policy_(policy) {}

  Result<Outcome> operator()(const Job& job);

 private:
  struct Delivery {
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
  };

  std::optional<Delivery> load_open(const DeliveryId& id);
  std::optional<TimePoint> turn(const Delivery& delivery);

  Result<Outcome> reconcile_and_post(const Job& job, chat::Platform& platform,
                                     const Delivery& delivery);
  Result<Outcome> post(const Job& job, chat::Platform& platform, const Delivery& delivery);
  std::optional<Delivery> begin(const Delivery& delivery);
  bool update(std::string_view sql, const Delivery& known,
              std::initializer_list<storage::Value> values);
  [[nodiscard]] Outcome look_again() const;

  Result<Outcome> mark_sent(const Delivery& delivery, const std::string& timestamp);
  Result<Outcome> mark_failed(const Delivery& delivery, Error error);
  Result<Outcome> put_back(const Job& job, const Delivery& delivery, Error error);
  Result<Outcome> keep_unclear(const Delivery& delivery, const Error& error);
  Result<Outcome> try_later(const Job& job, const Delivery& delivery, const Error& error);

  storage::Database& database_;
  const Clock& clock_;
  Random& random_;
  const crypto::Sealer& sealer_;
  Outbox::PlatformOf platform_of_;
  UncertainPolicy policy_;
};

// What a delivery's message is sealed for: it cannot be moved to another delivery.
std::string sealing_context(std::string_view delivery_id);

}  // namespace bb::jobs
