// What payloads leave out: titles of pull requests, numbers of commits, whether a release is the
// first. Asked of GitHub once, kept, and filled into the stored activity. Without an answer a line
// of the digest is plainer, nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "github/api.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct EnrichmentCounts {
  std::size_t wanted = 0;    // different things to know
  std::size_t known = 0;     // of these, from earlier answers
  std::size_t asked = 0;     // requests
  std::size_t answered = 0;  // things that GitHub told
};

class Enrichment {
 public:
  // Never more than this part of the requests (and points of GraphQL) that are left, nor of an
  // hour's limit.
  static constexpr std::int64_t share_percent = 20;
  static constexpr std::chrono::minutes interval{5};

  Enrichment(storage::Database& database, jobs::Queue& queue, github::Api& github,
             const Clock& clock, std::size_t concurrency)
      : database_(database),
        queue_(queue),
        github_(github),
        clock_(clock),
        concurrency_(concurrency) {}

  // Enqueues the job "github.enrich", if activity came in, once in `interval`. Called every second
  // by the scheduler.
  bool enqueue_if_due();
  jobs::Kind kind();

  // Asks about what came in since the last run that could ask everything, at most a day back. Ends
  // at `until` (nothing: no end); the next run asks the rest.
  EnrichmentCounts run(std::optional<TimePoint> until = std::nullopt);

  // Forgets answers from before `before`.
  static std::int64_t clean(storage::Connection& connection, TimePoint before);

 private:
  enum class About : std::uint8_t { title, commits, releases };
  // An event that lacks what is asked for.
  struct Lacking {
    std::string id;
    std::int64_t github_id = 0;
    github::Facts facts;
  };
  struct Wanted {
    About about = About::title;
    std::string repo;
    std::int64_t number = 0;  // title
    std::string before;       // commits
    std::string head;
    std::vector<Lacking> events = {};
  };
  using WantedBySubject = std::map<std::string, Wanted>;
  using Questions = std::span<const WantedBySubject::value_type* const>;
  // The answers by subject; empty where GitHub has none.
  using Answers = std::map<std::string, std::string>;

  // How many requests of each resource may be made. One of GraphQL costs a point.
  using Allowances = std::array<std::int64_t, 2>;
  Allowances allowances_at(TimePoint now);
  WantedBySubject find_wanted(TimePoint since);
  Answers known_answers(const WantedBySubject& wanted);
  // How much may be asked, and until when.
  struct Limits {
    Allowances requests;
    std::optional<TimePoint> until;
  };
  // What GitHub says to those that `limits` allow to ask; false if there are more to ask.
  bool ask(const WantedBySubject& wanted, Limits limits, Answers& answers,
           EnrichmentCounts& counts);
  bool ask_titles(Questions wanted, std::optional<TimePoint> until, Answers& answers);
  bool ask_releases(Questions wanted, std::optional<TimePoint> until, Answers& answers);
  bool ask_commits(Questions wanted, std::optional<TimePoint> until, Answers& answers);
  void store(const WantedBySubject& wanted, const Answers& known, const Answers& answers);

  storage::Database& database_;
  jobs::Queue& queue_;
  github::Api& github_;
  const Clock& clock_;
  std::size_t concurrency_;
  std::timed_mutex running_;  // one run at a time: the next one finds its answers
  TimePoint done_until_;      // what came in before was looked after
  TimePoint spent_in_;        // the hour in which so many requests were made:
  Allowances spent_{};
};

// The subject under which the title of a pull request is kept.
std::string pull_request_subject(std::string_view repo, std::int64_t number);

}  // namespace bb::github_activity
