// The events of many users, in as few requests as GitHub's limits make wise.
#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "github/api.hpp"
#include "github/api_answer.hpp"
#include "github/api_request.hpp"

namespace bb::github {
namespace {

constexpr int last_page = 3;  // GitHub keeps 300 events and answers 422 beyond them

// Requests are handed over in groups of this many times the concurrency: large enough to keep all
// connections busy, small enough to stop soon after GitHub says that we are too fast.
constexpr std::size_t rounds_at_once = 3;

http::ClientRequest events_request(const Settings& settings, const EventsRequest& wanted,
                                   int page) {
  std::string url =
      settings.api_url + "/users/" + path_segment(wanted.login) + "/events/public?per_page=100";
  if (page > 1) {
    url += "&page=" + std::to_string(page);
  }
  http::ClientRequest request = api_request("GET", std::move(url), authorization(settings));
  if (page == 1 && !wanted.etag.empty()) {
    request.headers.set("If-None-Match", wanted.etag);
  }
  return request;
}

// Adds one page; true if there is another one to ask for.
Result<bool> take_page(EventsAnswer& answer, const EventsRequest& wanted, int page,
                       const http::Response& response, TimePoint now) {
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
  const auto body = json::parse(response.body);
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

// The path of a failed request names the user, but the message goes to the log.
Error without_path(Error error, const EventsRequest& wanted) {
  const std::string path = "/users/" + path_segment(wanted.login) + "/events/public";
  for (std::size_t at = 0; (at = error.message.find(path, at)) != std::string::npos;) {
    error.message.erase(at, path.size());
  }
  return error;
}

// One call of public_events().
class EventsFetch {
 public:
  using Done = std::function<void(std::size_t, Result<EventsAnswer>)>;

  EventsFetch(http::Client& client, const Clock& clock, const Settings& settings,
              std::span<const EventsRequest> requests, const Done& done)
      : client_(client),
        clock_(clock),
        settings_(settings),
        requests_(requests),
        done_(done),
        answers_(requests.size()) {}

  void run(std::size_t concurrency) {
    std::vector<std::size_t> open;  // who still wants a page
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      if (names_a_user(requests_[i].login)) {
        open.push_back(i);
      } else {
        done_(i, fail(ErrorCode::not_found, "this is not a GitHub login"));
      }
    }
    for (int page = 1; !open.empty(); ++page) {
      open = read_page(open, page, concurrency);
    }
  }

 private:
  // Who wants the next page too.
  std::vector<std::size_t> read_page(std::span<const std::size_t> open, int page,
                                     std::size_t concurrency) {
    std::vector<std::size_t> unfinished;
    while (!open.empty()) {
      const std::size_t count = std::min(open.size(), concurrency * rounds_at_once);
      const std::span<const std::size_t> group = open.first(count);
      open = open.subspan(count);
      if (refused_) {
        std::ranges::for_each(group, [this](std::size_t index) { done_(index, fail(*refused_)); });
        continue;
      }
      std::vector<http::ClientRequest> batch;
      batch.reserve(count);
      for (const std::size_t index : group) {
        batch.push_back(events_request(settings_, requests_[index], page));
      }
      client_.send_all(http::all_of(batch), concurrency,
                       [&](std::size_t position, Result<http::Response> response) {
                         if (take(group[position], page, response)) {
                           unfinished.push_back(group[position]);
                         }
                       });
    }
    return unfinished;
  }

  // True if the user has another page.
  bool take(std::size_t index, int page, const Result<http::Response>& response) {
    const EventsRequest& wanted = requests_[index];
    const auto more = response ? take_page(answers_[index], wanted, page, *response, clock_.now())
                               : Result<bool>(fail(without_path(unread(response.error()), wanted)));
    if (more && *more) {
      return true;
    }
    if (more) {
      done_(index, std::move(answers_[index]));
      return false;
    }
    const Error error = about_user(more.error(), settings_);
    if (error.code == ErrorCode::rate_limited) {
      refused_ = error;
    }
    done_(index, fail(error));
    return false;
  }

  http::Client& client_;
  const Clock& clock_;
  const Settings& settings_;
  std::span<const EventsRequest> requests_;
  const Done& done_;
  std::vector<EventsAnswer> answers_;
  std::optional<Error> refused_;  // the rate limit: whoever is not asked yet ends alike
};

}  // namespace

void Api::public_events(std::span<const EventsRequest> requests, std::size_t concurrency,
                        const std::function<void(std::size_t, Result<EventsAnswer>)>& done) {
  EventsFetch(client_, clock_, settings_, requests, done)
      .run(std::max<std::size_t>(concurrency, 1));
}

}  // namespace bb::github
