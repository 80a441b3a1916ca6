// Any octets as a feed of the web: RSS, Atom and JSON Feed in every encoding.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "features/feeds/formats/document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const auto document = bb::feeds::parse_document(octets, "https://feed.example/feed.xml");
  if (!document) {
    if (document.error().message.empty()) {
      std::abort();
    }
    return 0;
  }
  std::set<std::string_view> ids;
  for (const bb::feeds::Item& item : document->items) {
    if (item.id.empty() || !ids.insert(item.id).second ||
        (!item.url.empty() && !item.url.starts_with("http"))) {
      std::abort();
    }
  }
  return 0;
}
