// Any octets as an answer of Bluesky's AppView.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "features/feeds/sources/bluesky/payload.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace bluesky = bb::feeds::bluesky;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto feed = bluesky::parse_author_feed(body);
  const auto post = bluesky::parse_post(body);
  const auto did = bluesky::parse_did(body);
  bool is_right = !did || bluesky::is_did(*did);
  const auto check = [&](const bb::feeds::Item& item) {
    is_right = is_right && item.id.starts_with("at://") &&
               item.url.starts_with("https://bsky.app/profile/") &&
               item.is_repost == item.id.ends_with(bluesky::repost_mark);
  };
  if (feed) {
    for (const bluesky::Entry& entry : feed->entries) {
      check(entry.item);
    }
  }
  if (post && *post && !(*post)->id.ends_with(bluesky::repost_mark)) {
    check(**post);
  }
  if (!is_right || bluesky::refusal({.status = 400, .headers = {}, .body = std::string(body)}, {})
                       .message.empty()) {
    std::abort();
  }
  return 0;
}
