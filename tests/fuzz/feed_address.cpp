// Any octets as an address: as a link in a feed, and as what somebody types.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "features/feeds/formats/address.hpp"
#include "features/feeds/sources/rss/typed_address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string link = bb::feeds::resolve_address("https://feed.example/a/b", text);
  const std::string normal = bb::feeds::normal_address(text);
  if ((!link.empty() && !link.starts_with("http")) || bb::feeds::normal_address(normal) != normal) {
    std::abort();
  }
  (void)bb::feeds::host_of(text);
  for (const std::string& address : bb::feeds::typed_addresses(text)) {
    if (bb::feeds::normal_address(address).empty()) {
      std::abort();
    }
  }
  return 0;
}
