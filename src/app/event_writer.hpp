// Stores events, many in one transaction, and acknowledges each when it is durable. Refuses in time
// for the sender to try again rather than let them pile up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "chat/inbox.hpp"
#include "http/bounded_queue.hpp"
#include "http/responder.hpp"
#include "jobs/queue.hpp"
#include "storage/database.hpp"

namespace bb::app {

struct EventLimits {
  std::size_t queued = 2'048;  // of a few kilobytes at most; one more answers 503
  std::size_t batch = 256;     // in one transaction
  // Older ones answer 503 and are not stored: Slack gives up after three seconds.
  std::chrono::milliseconds patience{2'000};
};

class EventWriter {
 public:
  struct Event {
    chat::Receipt receipt;
    jobs::NewJob job;  // what is to be done about it
    TimePoint received_at;
    http::Responder respond;
  };

  // Since the start, except `waiting`.
  struct Figures {
    std::size_t waiting = 0;
    std::uint64_t batches = 0;
    std::uint64_t stored = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t shed = 0;    // the queue was full
    std::uint64_t late = 0;    // waited longer than `patience`
    std::uint64_t failed = 0;  // could not be stored
  };

  // `stored` is called after each commit that stored something.
  EventWriter(storage::Database& database, jobs::Queue& queue, const Clock& clock,
              std::function<void()> stored, EventLimits limits = {});
  ~EventWriter() { stop(); }
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  // Starts the thread that stores what is submitted, also what was submitted before.
  void start();

  // Never waits: where the queue is full or stopped, the answer is 503 at once.
  void submit(Event event);

  // Stores and answers what was submitted, then ends the thread. Idempotent.
  void stop();

  [[nodiscard]] Figures figures() const;

 private:
  enum class Fate { stored, duplicate, late, unavailable, unstorable };

  void write(std::span<Event> events);
  std::vector<Fate> store(std::span<const Event> events);
  void answer(Event& event, Fate fate);

  storage::Database& database_;
  jobs::Queue& queue_;
  const Clock& clock_;
  const std::function<void()> stored_;
  const EventLimits limits_;
  http::BoundedQueue<Event> waiting_;
  Guarded<Figures> figures_;
  std::thread thread_;
};

}  // namespace bb::app
