// Asks GitHub about some accounts, once each, and stores what came of it.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "chat/platform.hpp"
#include "features/github_activity/activity.hpp"
#include "features/github_activity/poll_state.hpp"
#include "features/github_activity/polling_load.hpp"
#include "github/api.hpp"
#include "jobs/outbox.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct PollCounts {
  std::size_t polled = 0;  // accounts
  std::size_t failed = 0;  // of these, for reasons that may pass
  std::size_t gone = 0;    // GitHub does not show them
  std::size_t late = 0;    // not asked about, as the time was over
  std::size_t new_events = 0;
  bool broken_off = false;  // the service is stopping: what failed says nothing about GitHub
};

// What polling works with.
struct PollingContext {
  storage::Database& database;
  jobs::Outbox& outbox;
  github::Api& github;
  const Clock& clock;
  PollingLoad& load;
  chat::Renderer render;
  std::function<bool()> is_stopping;
  std::function<github::Budget()> budget;
};

class PollingRound {
 public:
  // What GitHub does not tell before `until` (nothing: no end) waits for the next poll.
  PollingRound(const PollingContext& context, std::vector<PollTarget> targets,
               std::optional<TimePoint> until)
      : context_(context), targets_(std::move(targets)), until_(until), budget_(context.budget()) {}

  PollCounts run(std::size_t concurrency);

  // Those who have another login today, ready to be asked about under it.
  [[nodiscard]] std::vector<PollTarget> renamed() { return std::move(renamed_); }

  // Until when GitHub wants to be left alone, if it said so.
  [[nodiscard]] std::optional<TimePoint> limited_until() const { return limited_until_; }

 private:
  struct Answered {
    std::size_t target = 0;
    github::EventsAnswer answer;
  };
  enum class Account : std::uint8_t { not_asked, exists, gone };  // by its numeric id
  struct Failed {
    std::size_t target = 0;
    Error error;
    Account account = Account::not_asked;
  };

  void take(std::size_t target, github::EventsAnswer answer);
  void give_back_unheard(const std::vector<bool>& is_heard);
  void begin_storing();
  void finish_storing();
  void store_rest();
  [[nodiscard]] StoredActivity store(storage::Connection& connection, const Answered& answered,
                                     TimePoint now) const;
  void look_up_missing();
  void check_doubtful();
  void look_up(const std::vector<std::size_t>& targets,
               const std::function<void(std::size_t index, Result<github::Account>)>& done);
  void doubt_outage();
  void rename(std::size_t target, const github::Account& account);
  bool break_off();
  void store_failures();
  void store_failure(storage::Connection& connection, const Failed& failed, TimePoint now);
  void log_failures() const;

  const PollingContext& context_;
  std::vector<PollTarget> targets_;
  std::optional<TimePoint> until_;
  github::Budget budget_;
  std::size_t concurrency_ = 1;
  PollCounts counts_;
  std::vector<Answered> answers_;   // waiting to be stored
  std::size_t events_ = 0;          // in them
  std::vector<Answered> doubtful_;  // perhaps about somebody else
  std::vector<Failed> failures_;
  std::vector<PollTarget> renamed_;
  std::optional<TimePoint> limited_until_;
  std::future<StoredActivity> storing_;  // the last, so that it ends before what it uses
};

}  // namespace bb::github_activity
