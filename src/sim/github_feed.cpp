// The public events of one person: pages, links, conditional requests
// (https://docs.github.com/en/rest/activity/events).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <span>

#include "base/text.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "sim/github_state.hpp"

namespace bb::sim {
namespace {

using boost::json::object;

constexpr std::int64_t default_per_page = 30;
constexpr std::int64_t max_per_page = 100;
constexpr std::int64_t max_events = 300;
constexpr std::chrono::days max_event_age{30};

object actor_json(const GitHubUser& user) {
  return {{"id", user.id},
          {"login", user.login},
          {"display_login", user.login},
          {"gravatar_id", ""},
          {"url", "https://api.github.com/users/" + user.login},
          {"avatar_url", fmt::format("https://avatars.githubusercontent.com/u/{}?", user.id)}};
}

// Newest first, at most 300 and 30 days old.
std::vector<const GitHubEvent*> window_of(const GitHubState& state, std::int64_t actor,
                                          TimePoint now) {
  std::vector<const GitHubEvent*> found;
  const auto events = state.events.find(actor);
  if (events == state.events.end()) {
    return found;
  }
  for (const GitHubEvent& event : events->second) {
    if (event.created_at <= now && event.created_at > now - max_event_age) {
      found.push_back(&event);
    }
  }
  // Of two at the same moment the one added last is newer.
  std::sort(found.begin(), found.end(), [](const auto* left, const auto* right) {
    return left->created_at != right->created_at ? left->created_at > right->created_at
                                                 : left > right;
  });
  found.resize(std::min(found.size(), static_cast<std::size_t>(max_events)));
  return found;
}

// Whole numbers in range; anything else counts as absent, as at GitHub.
std::int64_t number_or(const http::Request& request, std::string_view name, std::int64_t otherwise,
                       std::int64_t most) {
  const auto text = request.query.find(name);
  const auto number = text ? parse_integer(*text) : std::nullopt;
  return number && *number >= 1 ? std::min(*number, most) : otherwise;
}

std::string link_header(const std::string& url, std::int64_t page, std::int64_t last,
                        std::int64_t per_page) {
  std::vector<std::string> links;
  const auto add = [&](std::int64_t number, std::string_view relation) {
    links.push_back(
        fmt::format("<{}?per_page={}&page={}>; rel=\"{}\"", url, per_page, number, relation));
  };
  if (page > 1) {
    add(page - 1, "prev");
  }
  if (page < last) {
    add(page + 1, "next");
    add(last, "last");
  }
  if (page > 1) {
    add(1, "first");
  }
  return fmt::format("{}", fmt::join(links, ", "));
}

// The tag tells what the page holds, so that an unchanged one costs little.
std::string tag_of(const GitHubUser& user, std::int64_t page, std::int64_t per_page,
                   std::span<const GitHubEvent* const> shown) {
  std::string content = fmt::format("{}/{}/{}/{}", user.id, user.login, page, per_page);
  for (const GitHubEvent* event : shown) {
    content += '/' + event->id;
  }
  return "W/\"" + crypto::to_hex(crypto::sha256(content)) + "\"";
}

std::string events_json(const GitHubUser& user, std::span<const GitHubEvent* const> shown) {
  const std::string actor = boost::json::serialize(actor_json(user));
  std::string text = "[";
  for (const GitHubEvent* event : shown) {
    const std::string repo =
        boost::json::serialize(object{{"id", repository_id(event->data.repo)},
                                      {"name", event->data.repo},
                                      {"url", "https://api.github.com/repos/" + event->data.repo}});
    text += text.size() > 1 ? "," : "";
    text += fmt::format(
        R"({{"id":"{}","type":"{}","actor":{},"repo":{},"payload":{},"public":true,"created_at":"{}"}})",
        event->id, event->data.type, actor, repo, event->data.payload,
        format_rfc3339(event->created_at));
  }
  return text + "]";
}

}  // namespace

http::Response answer_events(const GitHubState& state, const GitHubUser& user,
                             const GitHubCall& call) {
  const std::int64_t per_page = number_or(call.request, "per_page", default_per_page, max_per_page);
  const std::int64_t page = number_or(call.request, "page", 1, max_events + 1);
  if ((page - 1) * per_page >= max_events) {
    return github_error(422,
                        "In order to keep the API fast for everyone, pagination is limited for "
                        "this resource.");
  }
  const std::vector<const GitHubEvent*> events = window_of(state, user.id, call.now);
  const auto count = static_cast<std::int64_t>(events.size());
  const std::int64_t first = std::min(count, (page - 1) * per_page);
  const std::int64_t end = std::min(count, page * per_page);
  const auto shown = std::span(events).subspan(static_cast<std::size_t>(first),
                                               static_cast<std::size_t>(end - first));
  const std::string tag = tag_of(user, page, per_page, shown);
  http::Response response = call.request.headers.find("If-None-Match") == tag
                                ? http::Response{.status = 304, .headers = {}, .body = {}}
                                : github_json(events_json(user, shown));
  response.headers.set("ETag", tag);
  response.headers.set("X-Poll-Interval", "60");
  response.headers.set("Cache-Control", "public, max-age=60, s-maxage=60");
  const std::int64_t last = std::max<std::int64_t>(1, (count + per_page - 1) / per_page);
  const std::string links = link_header(
      fmt::format("{}/user/{}/events/public", call.api_url, user.id), page, last, per_page);
  if (!links.empty()) {
    response.headers.set("Link", links);
  }
  return response;
}

}  // namespace bb::sim
