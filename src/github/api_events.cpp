// The events of many users, in as few requests as GitHub's limits make wise.
#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "github/api.hpp"
#include "github/api_answer.hpp"
#include "github/api_request.hpp"
#include "github/deadline.hpp"
#include "github/pipeline.hpp"

namespace bb::github {
namespace {

constexpr int last_page = 3;  // GitHub keeps 300 events and answers 422 beyond them

http::ClientRequest events_request(const std::string& api_url, const EventsRequest& wanted,
                                   int page, const std::string& authorization) {
  std::string url =
      api_url + "/users/" + path_segment(wanted.login) + "/events/public?per_page=100";
  if (page > 1) {
    url += "&page=" + std::to_string(page);
  }
  http::ClientRequest request = api_request("GET", std::move(url), authorization);
  if (page == 1 && !wanted.etag.empty()) {
    request.headers.set("If-None-Match", wanted.etag);
  }
  return request;
}

// Adds one page; true if there is another one to ask for. `memory` is used meanwhile, and grows.
Result<bool> take_page(EventsAnswer& answer, const EventsRequest& wanted, int page,
                       const http::Response& response, TimePoint now,
                       std::vector<unsigned char>& memory) {
  if (page == 1) {
    answer.poll_interval = poll_interval_of(response.headers);
    answer.etag = response.headers.find("ETag").value_or("");
  }
  if (const auto limit = rate_limit_of(response.headers)) {
    answer.rate_limit = limit;
  }
  if (page == 1 && response.status == 304 && !wanted.etag.empty()) {
    answer.not_modified = true;
    answer.etag = answer.etag.empty() ? wanted.etag : answer.etag;
    return false;
  }
  if (page > 1 && response.status == 422) {
    return false;
  }
  if (response.status != 200) {
    return fail(refusal(response, now));
  }
  memory.resize(std::max(memory.size(), 2 * response.body.size()));
  boost::json::monotonic_resource resource(memory.data(), memory.size());
  auto body = json::parse(response.body, &resource);
  if (!body) {
    // One title that was cut in the middle of a letter is not to cost the whole page.
    const std::string mended = json::without_lone_surrogates(response.body);
    if (mended != response.body) {
      body = json::parse(mended, &resource);
    }
  }
  if (!body || !body->is_array()) {
    return fail(body ? Error{.code = ErrorCode::bad_response, .message = "not a JSON array"}
                     : unreadable(response, body.error()));
  }
  bool known = false;
  for (const boost::json::value& element : body->get_array()) {
    auto event = parse_event(element);
    if (!event) {
      ++answer.rejected;
      continue;
    }
    known = known || (!wanted.known_event.empty() && event->id == wanted.known_event);
    answer.events.push_back(std::move(*event));
  }
  return !known && page < last_page && !body->get_array().empty() &&
         has_next_page(response.headers);
}

// The path of a failed request names the user, but the message goes to the log. (That of a replay
// goes on with the query: it names what was not recorded.)
Error without_path(Error error, const EventsRequest& wanted) {
  const std::string path = "/users/" + path_segment(wanted.login) + "/events/public";
  for (std::size_t at = 0; (at = error.message.find(path + ":", at)) != std::string::npos;) {
    error.message.erase(at, path.size());
  }
  return error;
}

}  // namespace

void Api::public_events(std::span<const EventsRequest> requests, std::size_t concurrency,
                        const std::function<void(std::size_t, Result<EventsAnswer>)>& done,
                        std::optional<TimePoint> until) {
  const Deadline deadline(clock_, until);
  const auto turn = turns_.take(deadline);
  if (!turn) {
    return;
  }
  std::vector<EventsAnswer> answers(requests.size());
  std::vector<unsigned char> memory;
  // True if the user has another page.
  const auto take = [&](const Pipeline::Task& task, const Result<http::Response>& response) {
    const EventsRequest& wanted = requests[task.index];
    EventsAnswer& answer = answers[task.index];
    const auto more = response
                          ? take_page(answer, wanted, task.page, *response, clock_.now(), memory)
                          : Result<bool>(fail(without_path(unread(response.error()), wanted)));
    if (!more) {
      done(task.index, fail(about_user(more.error())));
    } else if (!*more) {
      done(task.index, std::move(answer));
    }
    return more && *more;
  };
  Pipeline pipeline(
      client_, *credentials_, deadline, *turn,
      {.key = [&](const auto& task) { return std::string_view(requests[task.index].login); },
       .request =
           [&](const auto& task, const std::string& authorization) {
             return events_request(settings_.api_url, requests[task.index], task.page,
                                   authorization);
           },
       .take = take});
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (names_a_user(requests[i].login)) {
      pipeline.add(i);
    } else {
      done(i, fail(ErrorCode::not_found, "this is not a GitHub login"));
    }
  }
  pipeline.run(concurrency);
}

}  // namespace bb::github
