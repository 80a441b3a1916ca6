#include "features/github_activity/enrichment.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "github/deadline.hpp"

namespace bb::github_activity {
namespace {

constexpr std::chrono::hours looks_back(24);
// Activity is stored with the time before its commit: this much later it is certainly to be seen.
constexpr std::chrono::minutes commit_time(1);
constexpr std::size_t most_failures = 3;  // of one kind of question in a run

std::size_t place_of(github::Resource resource) {
  return resource == github::Resource::core ? 0 : 1;
}

}  // namespace

std::string pull_request_subject(std::string_view repo, std::int64_t number) {
  return "pull:" + to_lower(repo) + "#" + std::to_string(number);
}

bool Enrichment::enqueue_if_due() {
  const TimePoint now = clock_.now();
  const auto slot = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch() / interval;
  const std::string key = "github.enrich:" + std::to_string(slot);
  const bool is_due = database_.read([&](storage::Connection& connection) {
    return connection.query("SELECT 1 FROM job WHERE unique_key = $1", {key}).empty() &&
           !connection
                .query("SELECT 1 FROM poll_state WHERE activity_stored_at >= $1 LIMIT 1",
                       {now - interval})
                .empty();
  });
  return is_due && database_.write([&](storage::Connection& connection) {
    return queue_.enqueue(connection, {.kind = "github.enrich", .unique_key = key}).has_value();
  });
}

jobs::Kind Enrichment::kind() {
  return {.name = "github.enrich",
          .handle = [this](const jobs::Job& job) -> Result<jobs::Outcome> {
            const EnrichmentCounts counts = run();
            queue_.report_progress(job, "asked GitHub " +
                                            count_of(counts.asked, "question", "questions") +
                                            " of " + std::to_string(counts.wanted) + ", " +
                                            std::to_string(counts.known) + " were known");
            return jobs::Outcome(jobs::Done{});
          },
          .most_running = 1};
}

EnrichmentCounts Enrichment::run(std::optional<TimePoint> until) {
  const auto one_at_a_time = github::Deadline(clock_, until).lock(running_);
  if (!one_at_a_time) {
    return {};
  }
  const TimePoint now = clock_.now();
  const WantedBySubject wanted = find_wanted(std::max<TimePoint>(done_until_, now - looks_back));
  const Answers known = known_answers(wanted);
  WantedBySubject unknown = wanted;
  std::erase_if(unknown, [&](const auto& entry) { return known.contains(entry.first); });
  EnrichmentCounts counts{.wanted = wanted.size(), .known = known.size()};

  const Limits limits{.requests = allowances_at(now), .until = until};
  Answers answers;
  if (ask(unknown, limits, answers, counts)) {
    done_until_ = now - commit_time;
  }
  counts.answered = answers.size();
  store(wanted, known, answers);
  if (counts.asked > 0) {
    log::info("activity_enriched", {{"wanted", counts.wanted},
                                    {"known", counts.known},
                                    {"asked", counts.asked},
                                    {"answered", counts.answered}});
  }
  return counts;
}

// Of what is left, and of each hour's limit. Nothing while GitHub refuses all credentials.
Enrichment::Allowances Enrichment::allowances_at(TimePoint now) {
  const auto hour = std::chrono::floor<std::chrono::hours>(now);
  if (hour != spent_in_) {
    spent_in_ = hour;
    spent_ = {};
  }
  Allowances allowances{};
  for (const github::Resource resource : {github::Resource::core, github::Resource::graphql}) {
    const github::Budget budget = github_.budget(resource);
    const std::size_t place = place_of(resource);
    allowances.at(place) =
        std::max<std::int64_t>(std::min(budget.remaining * share_percent / 100,
                                        budget.limit * share_percent / 100 - spent_.at(place)),
                               0);
  }
  return allowances;
}

Enrichment::WantedBySubject Enrichment::find_wanted(TimePoint since) {
  const storage::Rows rows = database_.read([&](storage::Connection& connection) {
    return connection.query(
        "SELECT e.event_id, e.type, e.repo, e.facts, e.github_id FROM poll_state p JOIN activity e "
        "ON e.github_id = p.github_id WHERE p.activity_stored_at >= $1 AND e.stored_at >= $1 AND "
        "e.type IN ('PullRequestEvent', 'PullRequestReviewEvent', 'PushEvent', 'ReleaseEvent')",
        {since});
  });
  WantedBySubject wanted;
  for (const storage::Row& row : rows) {
    Result<github::Facts> facts = github::parse_facts(row.text(3));
    if (!facts) {
      continue;
    }
    const std::string& type = row.text(1);
    Wanted question{.repo = row.text(2), .before = facts->before, .head = facts->head};
    std::string subject;
    if (type.starts_with("PullRequest")) {
      if (facts->title.empty() && facts->number) {
        question.about = About::title;
        question.number = *facts->number;
        subject = pull_request_subject(question.repo, question.number);
      }
    } else if (type == "PushEvent") {
      if (!facts->commits && !facts->before.empty() && !facts->head.empty()) {
        question.about = About::commits;
        subject = "push:" + facts->before + "..." + facts->head;
      }
    } else if (!facts->first_release) {
      question.about = About::releases;
      // Each release anew: what was the first one yesterday has a second today.
      subject = "releases:" + to_lower(question.repo) + ":" + facts->name;
    }
    if (!subject.empty()) {
      wanted.try_emplace(subject, std::move(question))
          .first->second.events.push_back(
              {.id = row.text(0), .github_id = row.integer(4), .facts = *std::move(facts)});
    }
  }
  return wanted;
}

Enrichment::Answers Enrichment::known_answers(const WantedBySubject& wanted) {
  return database_.read([&](storage::Connection& connection) {
    Answers known;
    for (const auto& [subject, question] : wanted) {
      const storage::Rows rows =
          connection.query("SELECT answer FROM enrichment WHERE subject = $1", {subject});
      if (!rows.empty()) {
        known.emplace(subject, rows[0].text(0));
      }
    }
    return known;
  });
}

bool Enrichment::ask(const WantedBySubject& wanted, Limits limits, Answers& answers,
                     EnrichmentCounts& counts) {
  struct Way {
    About about;
    github::Resource resource;
    std::size_t at_once;      // questions of one call
    std::size_t per_request;  // questions of one request
    bool (Enrichment::*ask)(Questions, std::optional<TimePoint>, Answers&);
  };
  const std::size_t subjects = github::graphql_subjects;
  const Way ways[] = {
      {About::title, github::Resource::graphql, subjects, subjects, &Enrichment::ask_titles},
      {About::releases, github::Resource::graphql, subjects, subjects, &Enrichment::ask_releases},
      {About::commits, github::Resource::core, concurrency_ * 10, 1, &Enrichment::ask_commits}};
  bool is_complete = true;
  for (const Way& way : ways) {
    std::int64_t& allowance = limits.requests.at(place_of(way.resource));
    std::size_t failures = 0;
    std::vector<const WantedBySubject::value_type*> questions;
    for (const auto& entry : wanted) {
      if (entry.second.about == way.about) {
        questions.push_back(&entry);
      }
    }
    Questions open(questions);
    while (!open.empty()) {
      const std::size_t count = std::min(
          {open.size(), way.at_once, static_cast<std::size_t>(allowance) * way.per_request});
      const std::size_t requests = (count + way.per_request - 1) / way.per_request;
      if (count == 0 || (limits.until && clock_.now() >= *limits.until)) {
        is_complete = false;
        break;
      }
      counts.asked += requests;
      allowance -= static_cast<std::int64_t>(requests);
      spent_.at(place_of(way.resource)) += static_cast<std::int64_t>(requests);
      const std::size_t before = answers.size();
      if (!(this->*way.ask)(open.first(count), limits.until, answers)) {
        is_complete = false;
        // One that always fails is not to keep the others from being asked.
        if (answers.size() == before && ++failures == most_failures) {
          break;
        }
      }
      open = open.subspan(count);
    }
  }
  return is_complete;
}

bool Enrichment::ask_titles(Questions wanted, std::optional<TimePoint> until, Answers& answers) {
  std::vector<github::PullRequestRef> questions;
  for (const auto* entry : wanted) {
    questions.push_back({.repo = entry->second.repo, .number = entry->second.number});
  }
  const auto titles = github_.pull_request_titles(questions, until);
  for (std::size_t i = 0; titles && i < wanted.size(); ++i) {
    if (titles->values[i] || titles->is_complete) {
      answers[wanted[i]->first] = titles->values[i].value_or("");
    }
  }
  return titles && titles->is_complete;
}

bool Enrichment::ask_releases(Questions wanted, std::optional<TimePoint> until, Answers& answers) {
  std::vector<std::string> questions;
  for (const auto* entry : wanted) {
    questions.push_back(entry->second.repo);
  }
  const auto releases = github_.release_counts(questions, until);
  for (std::size_t i = 0; releases && i < wanted.size(); ++i) {
    const std::optional<std::int64_t>& count = releases->values[i];
    if (count || releases->is_complete) {
      answers[wanted[i]->first] = count ? std::to_string(*count) : "";
    }
  }
  return releases && releases->is_complete;
}

bool Enrichment::ask_commits(Questions wanted, std::optional<TimePoint> until, Answers& answers) {
  std::vector<github::PushRange> questions;
  for (const auto* entry : wanted) {
    questions.push_back(
        {.repo = entry->second.repo, .before = entry->second.before, .head = entry->second.head});
  }
  std::size_t answered = 0;
  github_.commit_counts(
      questions, concurrency_,
      [&](std::size_t index, Result<std::int64_t> count) {
        if (count) {
          answers[wanted[index]->first] = std::to_string(*count);
          ++answered;
        } else if (count.error().code == ErrorCode::not_found) {
          answers[wanted[index]->first] = "";  // a new branch, or its old end is gone: no number
          ++answered;
        }
      },
      until);
  return answered == questions.size();
}

void Enrichment::store(const WantedBySubject& wanted, const Answers& known,
                       const Answers& answers) {
  const TimePoint now = clock_.now();
  database_.write([&](storage::Connection& connection) {
    for (const auto& [subject, answer] : answers) {
      connection.execute(
          "INSERT INTO enrichment (subject, answer, fetched_at) VALUES ($1, $2, $3) ON CONFLICT "
          "(subject) DO UPDATE SET answer = excluded.answer, fetched_at = excluded.fetched_at "
          "WHERE "
          "excluded.answer <> ''",
          {subject, answer, now});
    }
    for (const Answers* source : {&known, &answers}) {
      for (const auto& [subject, answer] : *source) {
        if (answer.empty()) {
          continue;
        }
        const Wanted& question = wanted.at(subject);
        for (auto [id, github_id, facts] : question.events) {
          switch (question.about) {
            case About::title:
              facts.title = answer;
              break;
            case About::commits:
              facts.commits = parse_integer(answer);
              break;
            case About::releases:
              facts.first_release = answer == "1";
              break;
          }
          connection.execute(
              "UPDATE activity SET facts = $1 WHERE github_id = $2 AND event_id = $3",
              {github::to_json(facts), github_id, id});
        }
      }
    }
  });
}

std::int64_t Enrichment::clean(storage::Connection& connection, TimePoint before) {
  return connection.execute("DELETE FROM enrichment WHERE fetched_at < $1", {before});
}

}  // namespace bb::github_activity
