#include "github/pipeline.hpp"

#include <algorithm>
#include <utility>

namespace bb::github {
namespace {

// Of the hundred requests that GitHub lets be under way at once; sign-ins and GraphQL take the
// others.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
constexpr std::size_t most_at_once = 96;

// Many accounts are asked about: whoever hangs is asked again later.
constexpr std::chrono::milliseconds patience(5'000);

}  // namespace

Pipeline::Pipeline(http::Client& client, Credentials& credentials, const Deadline& deadline,
                   const Turns::Turn& turn, Calls calls)
    : client_(client),
      credentials_(credentials),
      deadline_(deadline),
      turn_(turn),
      calls_(std::move(calls)) {}

void Pipeline::run(std::size_t concurrency) {
  client_.send_all([this] { return next(); }, std::clamp<std::size_t>(concurrency, 1, most_at_once),
                   [this](std::size_t place, const Result<http::Response>& response) {
                     take(sent_.at(place), response);
                   });
}

std::optional<http::ClientRequest> Pipeline::next() {
  while (!open_.empty() && !deadline_.is_over() && !turn_.should_end()) {
    const Task task = open_.front();
    open_.pop_front();
    const auto chosen = blocked_
                            ? Result<std::size_t>(fail(*blocked_))
                            : credentials_.choose(calls_.key(task), Resource::core, task.refusals);
    if (chosen) {
      sent_.push_back({.task = task, .credential = *chosen});
      http::ClientRequest request = calls_.request(task, credentials_.authorization(*chosen));
      request.total_time = std::min(request.total_time.value_or(patience), patience);
      deadline_.limit(request);
      return request;
    }
    blocked_ = chosen.error();
    calls_.take(task, fail(*blocked_));
  }
  return std::nullopt;
}

void Pipeline::take(Sent sent, const Result<http::Response>& response) {
  Task& task = sent.task;
  if (response && credentials_.take(sent.credential, Resource::core, *response) &&
      ++task.refusals <= credentials_.count()) {
    open_.push_front(task);
    return;
  }
  if (calls_.take(task, response)) {
    open_.push_back({.index = task.index, .page = task.page + 1});
  }
}

}  // namespace bb::github
