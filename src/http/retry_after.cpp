// The Retry-After header of answers that ask us to wait.
#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"
#include "http/client.hpp"

namespace bb::http {
namespace {

using std::chrono::seconds;

constexpr seconds shortest_wait{1};
constexpr seconds longest_wait{24 * 3600};

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<seconds> retry_after(const Headers& headers, TimePoint now) {
  const auto header = headers.find("Retry-After");
  if (!header) {
    return std::nullopt;
  }
  const std::string_view text = trim(*header);
  if (all_digits(text)) {
    // A number that does not fit is still a clear wish to wait long.
    const std::int64_t count = parse_integer(text).value_or(longest_wait.count());
    return seconds(std::clamp(count, shortest_wait.count(), longest_wait.count()));
  }
  const auto date = parse_http_date(text);
  if (!date) {
    return std::nullopt;
  }
  // Compared before subtracting: the distance to a far year may not fit.
  if (*date <= now + shortest_wait) {
    return shortest_wait;
  }
  if (*date >= now + longest_wait) {
    return longest_wait;
  }
  return std::chrono::ceil<seconds>(*date - now);
}

}  // namespace bb::http
