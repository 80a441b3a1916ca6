// What events leave out since their payloads were trimmed: titles, numbers of releases and commits.
#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "github/api.hpp"
#include "github/api_answer.hpp"
#include "github/api_request.hpp"
#include "github/credentials.hpp"
#include "github/deadline.hpp"
#include "github/graphql.hpp"
#include "github/pipeline.hpp"

namespace bb::github {
namespace {

struct GraphqlCall {
  http::Client& client;
  Credentials& credentials;
  const Clock& clock;
  const Deadline& deadline;
  std::string url;
  std::string body;
  std::string key;
};

// Asks with one credential after the other until one may ask.
template <class T, class Parse>
Result<GraphqlValues<T>> ask(const GraphqlCall& call, const Parse& parse) {
  if (call.credentials.is_anonymous()) {
    return fail(ErrorCode::unavailable, "GitHub answers GraphQL to credentials only");
  }
  Error last{.code = ErrorCode::unavailable, .message = "GitHub was not asked in time"};
  for (std::size_t i = 0; i < call.credentials.count() && !call.deadline.is_over(); ++i) {
    const auto chosen = call.credentials.choose(call.key, Resource::graphql, i);
    if (!chosen) {
      return fail(chosen.error());
    }
    http::ClientRequest request =
        api_request("POST", call.url, call.credentials.authorization(*chosen));
    request.headers.set("Content-Type", "application/json");
    request.body = call.body;
    call.deadline.limit(request);
    const auto response = call.client.send(request);
    if (!response) {
      return fail(unread(response.error()));
    }
    if (call.credentials.take(*chosen, Resource::graphql, *response)) {
      last = refusal(*response, call.clock.now());
      continue;
    }
    if (response->status != 200) {
      return fail(refusal(*response, call.clock.now()));
    }
    auto answer = parse(response->body);
    if (answer) {
      if (answer->limit) {
        call.credentials.note(*chosen, Resource::graphql, *answer->limit);
      }
      return std::move(answer->found);
    }
    if (answer.error().code != ErrorCode::rate_limited) {
      return fail(answer.error().code == ErrorCode::bad_response
                      ? unreadable(*response, answer.error())
                      : answer.error());
    }
    call.credentials.limit_reached(*chosen, Resource::graphql, *response);
    last = answer.error();
  }
  const auto chosen = call.credentials.choose(call.key, Resource::graphql);
  return fail(chosen ? last : chosen.error());
}

template <class Wanted>
Result<void> check_count(std::span<const Wanted> wanted) {
  if (wanted.size() > graphql_subjects) {
    return fail(ErrorCode::invalid_input, "more than " + std::to_string(graphql_subjects) +
                                              " subjects for one GraphQL request");
  }
  return {};
}

bool can_be_compared(const PushRange& range) {
  const bool is_new_branch = std::ranges::all_of(range.before, [](char c) { return c == '0'; });
  return names_a_repository(range.repo) && is_commit_id(range.before) && is_commit_id(range.head) &&
         !is_new_branch;
}

Result<std::int64_t> take_comparison(const Result<http::Response>& response, TimePoint now) {
  const auto body = json_of(response, now);
  if (!body) {
    return fail(body.error());
  }
  const auto total = json::required_integer(*body, "total_commits");
  if (total && *total < 0) {
    return fail(ErrorCode::bad_response, "'total_commits' is negative");
  }
  return total;
}

}  // namespace

Result<GraphqlValues<std::string>> Api::pull_request_titles(std::span<const PullRequestRef> wanted,
                                                            std::optional<TimePoint> until) {
  if (const auto checked = check_count(wanted); !checked) {
    return fail(checked.error());
  }
  std::string body = title_request(wanted);
  if (body.empty()) {
    return GraphqlValues<std::string>{.values =
                                          std::vector<std::optional<std::string>>(wanted.size())};
  }
  const Deadline deadline(clock_, until);
  const GraphqlCall call{.client = client_,
                         .credentials = *credentials_,
                         .clock = clock_,
                         .deadline = deadline,
                         .url = graphql_url(settings_.api_url),
                         .body = std::move(body),
                         .key = wanted.front().repo};
  return ask<std::string>(
      call, [&](std::string_view answer) { return parse_titles(answer, wanted.size()); });
}

Result<GraphqlValues<std::int64_t>> Api::release_counts(std::span<const std::string> repositories,
                                                        std::optional<TimePoint> until) {
  if (const auto checked = check_count(repositories); !checked) {
    return fail(checked.error());
  }
  std::string body = release_count_request(repositories);
  if (body.empty()) {
    return GraphqlValues<std::int64_t>{
        .values = std::vector<std::optional<std::int64_t>>(repositories.size())};
  }
  const Deadline deadline(clock_, until);
  const GraphqlCall call{.client = client_,
                         .credentials = *credentials_,
                         .clock = clock_,
                         .deadline = deadline,
                         .url = graphql_url(settings_.api_url),
                         .body = std::move(body),
                         .key = repositories.front()};
  return ask<std::int64_t>(call, [&](std::string_view answer) {
    return parse_release_counts(answer, repositories.size());
  });
}

void Api::commit_counts(std::span<const PushRange> wanted, std::size_t concurrency,
                        const std::function<void(std::size_t, Result<std::int64_t>)>& done,
                        std::optional<TimePoint> until) {
  const Deadline deadline(clock_, until);
  const auto turn = turns_.take(deadline);
  if (!turn) {
    return;
  }
  Pipeline pipeline(
      client_, *credentials_, deadline, *turn,
      {.key = [&](const auto& task) { return std::string_view(wanted[task.index].repo); },
       .request =
           [&](const auto& task, const std::string& authorization) {
             const PushRange& range = wanted[task.index];
             return api_request("GET",
                                settings_.api_url + "/repos/" + range.repo + "/compare/" +
                                    range.before + "..." + range.head + "?per_page=1",
                                authorization);
           },
       .take =
           [&](const auto& task, const Result<http::Response>& response) {
             done(task.index, take_comparison(response, clock_.now()));
             return false;
           }});
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (can_be_compared(wanted[i])) {
      pipeline.add(i);
    } else {
      done(i, fail(ErrorCode::not_found, "there is nothing to compare with"));
    }
  }
  pipeline.run(concurrency);
}

}  // namespace bb::github
