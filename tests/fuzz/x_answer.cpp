// Any octets as an answer of X's API, good or not.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "features/feeds/sources/x/payload.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace x = bb::feeds::x;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view profile = "https://x.com/ada";
  const auto page = x::parse_page(body, profile);
  const auto post = x::parse_post(body, profile);
  const auto user = x::parse_user(body);
  const auto bearer = x::parse_bearer(body);
  bool is_right = !user || x::is_id(user->id);
  if (page) {
    is_right = is_right && page->billed >= page->items.size();
    for (const bb::feeds::Item& item : page->items) {
      is_right = is_right && x::is_id(item.id) && item.url.starts_with(profile);
    }
  }
  is_right = is_right && (!post || !*post || x::is_id((*post)->latest));
  for (const int status : {401, 402, 403, 429, 453, 500}) {
    const bb::Error error =
        x::refusal({.status = status, .headers = {}, .body = std::string(body)}, {});
    is_right = is_right && !error.message.empty();
  }
  if (!is_right || (bearer && page)) {
    std::abort();
  }
  return 0;
}
