// Any octets as an answer of a Mastodon instance, whose address a person gave.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "features/feeds/sources/mastodon/payload.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace mastodon = bb::feeds::mastodon;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto statuses = mastodon::parse_statuses(body);
  const auto status = mastodon::parse_status(body);
  const auto account = mastodon::parse_account_id(body);
  bool is_right = !account || mastodon::is_id(*account);
  const auto check = [&](const bb::feeds::Item& item) {
    is_right = is_right && mastodon::is_id(item.id) &&
               (item.url.empty() || item.url.starts_with("http")) &&
               mastodon::from_feed(item).title.empty();
  };
  if (statuses) {
    for (const bb::feeds::Item& item : *statuses) {
      check(item);
    }
  }
  if (status) {
    check(*status);
  }
  if (!is_right || (statuses && status)) {
    std::abort();
  }
  return 0;
}
