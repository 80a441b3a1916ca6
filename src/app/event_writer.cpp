#include "app/event_writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace bb::app {
namespace {

constexpr std::chrono::seconds after_overload{1};
constexpr std::chrono::seconds after_outage{10};

}  // namespace

EventWriter::EventWriter(storage::Database& database, jobs::Queue& queue, const Clock& clock,
                         std::function<void()> stored, EventLimits limits)
    : database_(database),
      queue_(queue),
      clock_(clock),
      stored_(std::move(stored)),
      limits_(limits),
      waiting_(limits.queued) {}

void EventWriter::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "bb-events");
    for (std::vector<Event> events; !(events = waiting_.pop_some(limits_.batch)).empty();) {
      write(events);
    }
  });
}

void EventWriter::stop() {
  waiting_.close();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void EventWriter::submit(Event event) {
  if (!waiting_.push(event)) {
    figures_.with([](Figures& figures) { ++figures.shed; });
    event.respond(
        http::unavailable_response("too many events are waiting here; try again", after_overload));
  }
}

EventWriter::Figures EventWriter::figures() const {
  Figures figures = figures_.with([](const Figures& known) { return known; });
  figures.waiting = waiting_.size();
  return figures;
}

// One by one where one of them cannot be stored, so that it fails alone.
void EventWriter::write(std::span<Event> events) {
  std::vector<Fate> fates(events.size(), Fate::unavailable);
  try {
    fates = store(events);
  } catch (const storage::DatabaseError& error) {
    log::error("database_failed", {{"events", events.size()}, {"error", error.what()}});
  } catch (const std::exception& error) {
    if (events.size() > 1) {
      for (Event& event : events) {
        write(std::span(&event, 1));
      }
      return;
    }
    const log::RequestScope scope(events.front().job.request_id);
    log::error("event_not_stored", {{"error", error.what()}});
    fates.front() = Fate::unstorable;
  }
  const auto count = [&fates](Fate fate) {
    return static_cast<std::uint64_t>(std::ranges::count(fates, fate));
  };
  const std::uint64_t stored = count(Fate::stored);
  figures_.with([&](Figures& figures) {
    ++figures.batches;
    figures.stored += stored;
    figures.duplicates += count(Fate::duplicate);
    figures.late += count(Fate::late);
    figures.failed += count(Fate::unavailable) + count(Fate::unstorable);
  });
  for (std::size_t i = 0; i < events.size(); ++i) {
    answer(events[i], fates[i]);
  }
  if (stored > 0) {
    stored_();
  }
}

std::vector<EventWriter::Fate> EventWriter::store(std::span<const Event> events) {
  return database_.write([&](storage::Connection& connection) {
    const TimePoint now = clock_.now();  // after the wait for the database
    std::vector<Fate> fates(events.size(), Fate::late);
    std::vector<std::size_t> in_time;
    std::vector<chat::Receipt> receipts;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (now - events[i].received_at <= limits_.patience) {
        fates[i] = Fate::duplicate;
        in_time.push_back(i);
        receipts.push_back(events[i].receipt);
      }
    }
    std::vector<jobs::NewJob> jobs;
    for (const std::size_t position : chat::accept(connection, receipts, now)) {
      fates[in_time[position]] = Fate::stored;
      jobs.push_back(events[in_time[position]].job);
    }
    queue_.enqueue_all(connection, jobs);
    return fates;
  });
}

void EventWriter::answer(Event& event, Fate fate) {
  switch (fate) {
    case Fate::duplicate: {
      const log::RequestScope scope(event.job.request_id);
      log::info("slack_event_duplicate", {{"event_id", event.receipt.event_id}});
      [[fallthrough]];
    }
    case Fate::stored:
      return event.respond(http::json_response(200, "{}"));
    case Fate::late:
      return event.respond(http::unavailable_response(
          "this takes too long at the moment; try again", after_overload));
    case Fate::unavailable:
      return event.respond(http::unavailable_response(
          "the database is not available, nothing was stored; try again", after_outage));
    case Fate::unstorable:
      return event.respond(
          http::error_response(500, "the event could not be stored; the log tells more"));
  }
}

}  // namespace bb::app
