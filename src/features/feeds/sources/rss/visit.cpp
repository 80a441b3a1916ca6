#include "features/feeds/sources/rss/visit.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "features/feeds/formats/address.hpp"
#include "features/feeds/sources/answer.hpp"

namespace bb::feeds {
namespace {

using namespace std::chrono_literals;

constexpr auto connect_time = 10s;
constexpr auto total_time = 30s;  // an endless answer ends here

bool is_redirect(int status) {
  static constexpr std::array statuses = {301, 302, 303, 307, 308};
  return std::ranges::find(statuses, status) != statuses.end();
}

}  // namespace

Visit visit_of(std::string url) {
  constexpr auto accepted =
      "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
      "application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.5, */*;q=0.1";
  return {.request = {.url = url,
                      .headers = {{"Accept", accepted}},
                      .connect_time = connect_time,
                      .total_time = total_time,
                      .body_bytes = most_answer_bytes},
          .lasting_address = std::move(url)};
}

std::optional<Result<Visit>> redirected(const Visit& visit, const http::Response& response) {
  if (!is_redirect(response.status)) {
    return std::nullopt;
  }
  const std::string host = host_of(visit.request.url);
  const std::string location = response.headers.find("Location").value_or("");
  const std::string address = normal_address(resolve_address(visit.request.url, location));
  if (address.empty()) {
    return fail(ErrorCode::bad_response, host + " redirects to what is no address of the web");
  }
  if (visit.redirects == most_redirects) {
    return fail(ErrorCode::bad_response,
                host + " redirects again after " + std::to_string(most_redirects) + " redirects");
  }
  Visit next = visit;
  next.request.url = address;
  next.is_lasting = visit.is_lasting && (response.status == 301 || response.status == 308);
  next.lasting_address = next.is_lasting ? address : visit.lasting_address;
  ++next.redirects;
  return next;
}

Step<std::optional<Item>> ask_page_of(const Item& item) {
  using Found = std::optional<Item>;
  Visit visit = visit_of(item.url);
  visit.request.method = "HEAD";
  return follow<Found>(visit, [item](const Visit&, const auto& response) -> Step<Found> {
    const bool is_deleted = response && (response->status == 404 || response->status == 410);
    return Result<Found>(is_deleted ? std::nullopt : Found(item));
  });
}

}  // namespace bb::feeds
