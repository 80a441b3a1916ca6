#include "features/github_activity/polling_round.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/log.hpp"
#include "base/text.hpp"
#include "features/github_activity/gone_accounts.hpp"

namespace bb::github_activity {
namespace {

using std::chrono::milliseconds;

// Commits are expensive, so answers are stored together; whatever a crash loses is asked for again,
// as its ETag is lost as well.
constexpr std::size_t accounts_per_commit = 100;
constexpr std::size_t events_per_commit = 3'000;

bool is_somebody_elses(const github::Event& event, const PollTarget& target) {
  return event.actor_id && *event.actor_id != target.github_id;
}

// The login may belong to another account now: to one that did something, or to a new one that
// did nothing yet. (Events also vanish when they are 30 days old.)
bool is_doubtful(const github::EventsAnswer& answer, const PollTarget& target) {
  if (answer.not_modified) {
    return false;
  }
  const bool was_known = !target.request.etag.empty();
  return (answer.events.empty() && was_known && !target.request.known_event.empty()) ||
         std::ranges::any_of(answer.events, [&](const github::Event& event) {
           return is_somebody_elses(event, target);
         });
}

// Not found, or hidden: whether the account is gone is told by its numeric id.
bool is_about_account(const Error& error) {
  return error.code == ErrorCode::not_found || error.code == ErrorCode::forbidden;
}

// What GitHub answers for a numeric id. "Forbidden" may be about us: a suspended token, a proxy.
bool is_gone(const Error& error) {
  return error.code == ErrorCode::not_found;
}

// Says nothing about the account that was asked about.
bool is_about_all(const Error& error) {
  return error.code == ErrorCode::rate_limited || error.code == ErrorCode::unauthorized;
}

}  // namespace

PollCounts PollingRound::run(std::size_t concurrency) {
  counts_.polled = targets_.size();
  concurrency_ = concurrency;
  std::vector<github::EventsRequest> requests;
  requests.reserve(targets_.size());
  for (const PollTarget& target : targets_) {
    requests.push_back(target.request);
  }
  std::vector<bool> is_heard(targets_.size());
  context_.github.public_events(
      requests, concurrency,
      [&](std::size_t target, Result<github::EventsAnswer> answer) {
        is_heard[target] = true;
        if (answer) {
          take(target, *std::move(answer));
        } else {
          failures_.push_back({.target = target, .error = answer.error()});
        }
      },
      until_);
  store_rest();
  give_back_unheard(is_heard);
  if (break_off()) {
    return counts_;
  }
  look_up_missing();
  check_doubtful();
  store_rest();
  if (break_off()) {
    return counts_;
  }
  doubt_outage();
  store_failures();
  log_failures();
  return counts_;
}

// The time was over, or a digest had to be served first.
void PollingRound::give_back_unheard(const std::vector<bool>& is_heard) {
  counts_.late = static_cast<std::size_t>(std::ranges::count(is_heard, false));
  if (counts_.late == 0 || !targets_.front().claimed_until) {
    return;
  }
  const TimePoint now = context_.clock.now();
  context_.database.write([&](storage::Connection& connection) {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (!is_heard[i]) {
        give_back(connection, targets_[i], now);
      }
    }
  });
}

void PollingRound::take(std::size_t target, github::EventsAnswer answer) {
  if (is_doubtful(answer, targets_[target])) {
    doubtful_.push_back({.target = target, .answer = std::move(answer)});
    return;
  }
  events_ += answer.events.size();
  answers_.push_back({.target = target, .answer = std::move(answer)});
  if (answers_.size() >= accounts_per_commit || events_ >= events_per_commit) {
    begin_storing();
  }
}

// In a thread of its own: the next answers come in meanwhile.
void PollingRound::begin_storing() {
  finish_storing();
  if (answers_.empty()) {
    return;
  }
  storing_ = std::async(std::launch::async, [this, answers = std::exchange(answers_, {})] {
    const TimePoint now = context_.clock.now();
    const StoredActivity stored = context_.database.write([&](storage::Connection& connection) {
      StoredActivity sum;
      for (const Answered& answered : answers) {
        const StoredActivity one = store(connection, answered, now);
        sum.events += one.events;
        sum.unknown_types += one.unknown_types;
      }
      return sum;
    });
    for (const Answered& answered : answers) {
      context_.load.count(
          answered.answer.not_modified ? PollResult::unchanged : PollResult::answered,
          PollingLoad::cost_of(answered.answer, budget_));
      if (answered.answer.rejected > 0) {
        log::warning("github_events_unreadable",
                     {{"github_id", targets_[answered.target].github_id},
                      {"count", answered.answer.rejected}});
      }
    }
    context_.load.count_events(stored.events, stored.unknown_types);
    return stored;
  });
  events_ = 0;
}

void PollingRound::finish_storing() {
  if (storing_.valid()) {
    counts_.new_events += storing_.get().events;
  }
}

void PollingRound::store_rest() {
  begin_storing();
  finish_storing();
}

StoredActivity PollingRound::store(storage::Connection& connection, const Answered& answered,
                                   TimePoint now) const {
  const PollTarget& target = targets_[answered.target];
  const github::EventsAnswer& answer = answered.answer;
  std::optional<TimePoint> newest = target.newest_event;
  for (const github::Event& event : answer.events) {
    if (!is_somebody_elses(event, target) && (!newest || event.created_at > *newest)) {
      newest = event.created_at;
    }
  }
  const milliseconds interval = adaptive_interval(newest, now);
  const auto stretched = std::chrono::duration_cast<milliseconds>(
      std::chrono::duration<double, std::milli>(interval) * context_.load.stretch());
  const milliseconds wait =
      std::max<milliseconds>(spread(stretched, target.github_id), answer.poll_interval);
  const bool is_wanted = store_answered(
      connection, target, answer.etag,
      {.at = now + wait, .allowed_at = now + answer.poll_interval, .interval = interval}, now);
  return is_wanted ? store_activity(connection, target.github_id, answer.events, now)
                   : StoredActivity{};
}

// GitHub names an account that was renamed, and one that is gone, by their numeric id only.
void PollingRound::look_up(
    const std::vector<std::size_t>& targets,
    const std::function<void(std::size_t index, Result<github::Account>)>& done) {
  std::vector<std::int64_t> ids;
  for (const std::size_t target : targets) {
    ids.push_back(targets_[target].github_id);
  }
  std::size_t heard = 0;
  context_.github.accounts_by_id(
      ids, concurrency_,
      [&](std::size_t index, Result<github::Account> account) {
        ++heard;
        done(index, std::move(account));
      },
      until_);
  counts_.late += targets.size() - heard;
}

void PollingRound::look_up_missing() {
  const auto others = std::ranges::stable_partition(
      failures_, [](const Failed& failed) { return !is_about_account(failed.error); });
  std::vector<Failed> missing(std::make_move_iterator(others.begin()),
                              std::make_move_iterator(others.end()));
  failures_.erase(others.begin(), others.end());
  std::vector<std::size_t> targets;
  for (const Failed& failed : missing) {
    targets.push_back(failed.target);
  }
  look_up(targets, [&](std::size_t index, Result<github::Account> account) {
    Failed& failed = missing[index];
    if (account && !equals_ignoring_case(account->login, targets_[failed.target].request.login)) {
      return rename(failed.target, *account);
    }
    if (account) {
      failed.account = Account::exists;
    } else {
      failed.account = is_gone(account.error()) ? Account::gone : Account::not_asked;
      failed.error = account.error();
    }
    failures_.push_back(std::move(failed));
  });
}

void PollingRound::check_doubtful() {
  std::vector<Answered> doubtful = std::exchange(doubtful_, {});
  std::vector<std::size_t> targets;
  for (const Answered& answered : doubtful) {
    targets.push_back(answered.target);
  }
  look_up(targets, [&](std::size_t index, Result<github::Account> account) {
    const std::size_t target = targets[index];
    if (!account) {
      failures_.push_back(
          {.target = target,
           .error = account.error(),
           .account = is_gone(account.error()) ? Account::gone : Account::not_asked});
    } else if (equals_ignoring_case(account->login, targets_[target].request.login)) {
      answers_.push_back(std::move(doubtful[index]));
    } else {
      rename(target, *account);
    }
  });
}

// Many accounts do not vanish at once.
void PollingRound::doubt_outage() {
  const auto is_lost = [&](const Failed& failed) {
    return failed.account == Account::gone && !targets_[failed.target].is_gone;
  };
  const auto lost = static_cast<std::size_t>(std::ranges::count_if(failures_, is_lost));
  if (lost == 0 || !context_.database.read([&](storage::Connection& connection) {
        return looks_like_outage(connection, lost, context_.clock.now());
      })) {
    return;
  }
  for (Failed& failed : failures_) {
    if (is_lost(failed)) {
      failed.account = Account::not_asked;
      failed.error = {.code = ErrorCode::unavailable,
                      .message = "GitHub does not show this account, nor many others"};
    }
  }
  log::error("github_outage_suspected",
             {{"accounts", lost},
              {"advice", "GitHub shows none of them; are GITHUB_API_URL and the network right?"}});
}

void PollingRound::rename(std::size_t target, const github::Account& account) {
  context_.database.write([&](storage::Connection& connection) {
    store_renamed(connection, account, context_.clock.now());
  });
  context_.load.count(PollResult::renamed, 2);
  log::info("github_login_renamed", {{"github_id", account.id}});
  PollTarget again = targets_[target];
  again.request.login = account.login;
  again.request.etag.clear();
  again.failures = 0;
  renamed_.push_back(std::move(again));
}

// The end of the process breaks off requests, which then look like failures of GitHub.
bool PollingRound::break_off() {
  if ((failures_.empty() && doubtful_.empty()) || !context_.is_stopping()) {
    return false;
  }
  const TimePoint now = context_.clock.now();
  context_.database.write([&](storage::Connection& connection) {
    for (const Failed& failed : failures_) {
      give_back(connection, targets_[failed.target], now);
    }
    for (const Answered& doubtful : doubtful_) {
      give_back(connection, targets_[doubtful.target], now);
    }
  });
  counts_.broken_off = true;
  return true;
}

void PollingRound::store_failures() {
  counts_.gone =
      static_cast<std::size_t>(std::ranges::count(failures_, Account::gone, &Failed::account));
  counts_.failed = failures_.size() - counts_.gone;
  const TimePoint now = context_.clock.now();
  for (std::span<const Failed> rest = failures_; !rest.empty();) {
    const std::span<const Failed> together = rest.first(std::min(rest.size(), accounts_per_commit));
    context_.database.write([&](storage::Connection& connection) {
      for (const Failed& failed : together) {
        store_failure(connection, failed, now);
      }
    });
    rest = rest.subspan(together.size());
  }
  for (const Failed& failed : failures_) {
    const bool limited = failed.error.code == ErrorCode::rate_limited;
    context_.load.count(failed.account == Account::gone ? PollResult::gone
                        : limited                       ? PollResult::rate_limited
                                                        : PollResult::failed,
                        is_about_account(failed.error) ? 2 : 1);
  }
}

void PollingRound::store_failure(storage::Connection& connection, const Failed& failed,
                                 TimePoint now) {
  const PollTarget& target = targets_[failed.target];
  if (failed.account == Account::gone) {
    const TimePoint again_at = now + spread(gone_interval, target.github_id);
    const std::optional<Gone> gone = store_gone(connection, target, again_at, now);
    if (gone && !gone->is_told && now - gone->since >= gone_before_telling &&
        !looks_like_outage(connection, 0, now)) {
      tell_gone(connection, context_.outbox, context_.render, target.github_id, now);
    }
    return;
  }
  const milliseconds wait = wait_after(failed.error, target.failures);
  const bool limited = failed.error.code == ErrorCode::rate_limited;
  const NextPoll next{.at = now + wait, .allowed_at = limited ? now + wait : now};
  if (is_about_all(failed.error)) {
    store_put_off(connection, target, failed.error.message, next);
  } else {
    store_failed(connection, target, failed.error.message, next);
  }
  if (failed.account == Account::exists) {
    store_found(connection, target.github_id);
  }
  if (limited) {
    limited_until_ = std::max(limited_until_.value_or(next.at), next.at);
  }
}

// One line for each thing that went wrong, however many accounts it hits: in an outage all.
void PollingRound::log_failures() const {
  struct Group {
    const Failed* first = nullptr;
    std::size_t accounts = 0;
  };
  std::map<std::pair<ErrorCode, bool>, Group> groups;
  for (const Failed& failed : failures_) {
    Group& group = groups[{failed.error.code, failed.account == Account::gone}];
    group.first = group.first == nullptr ? &failed : group.first;
    ++group.accounts;
  }
  for (const auto& [key, group] : groups) {
    const PollTarget& target = targets_[group.first->target];
    const milliseconds wait =
        key.second ? gone_interval : wait_after(group.first->error, target.failures);
    log::warning(key.second ? "github_accounts_gone" : "github_poll_failed",
                 {{"accounts", group.accounts},
                  {"github_id", target.github_id},
                  {"code", to_string(group.first->error.code)},
                  {"error", group.first->error.message},
                  {"again_in_seconds", wait.count() / 1000}});
  }
}

}  // namespace bb::github_activity
