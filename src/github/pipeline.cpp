#include "github/pipeline.hpp"

#include <algorithm>
#include <utility>

namespace bb::github {

Pipeline::Pipeline(http::Client& client, Credentials& credentials, const Deadline& deadline,
                   Calls calls)
    : client_(client), credentials_(credentials), deadline_(deadline), calls_(std::move(calls)) {}

void Pipeline::run(std::size_t concurrency) {
  client_.send_all([this] { return next(); }, std::max<std::size_t>(concurrency, 1),
                   [this](std::size_t place, const Result<http::Response>& response) {
                     take(sent_.at(place), response);
                   });
}

std::optional<http::ClientRequest> Pipeline::next() {
  while (!open_.empty() && !deadline_.is_over()) {
    const Task task = open_.front();
    open_.pop_front();
    const auto chosen = blocked_ ? Result<std::size_t>(fail(*blocked_))
                                 : credentials_.choose(calls_.key(task), Resource::core);
    if (chosen) {
      sent_.push_back({.task = task, .credential = *chosen});
      http::ClientRequest request = calls_.request(task, credentials_.authorization(*chosen));
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
