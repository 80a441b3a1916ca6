// Any octets as a page that names its feeds, as the HTML of an item and as a title.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "features/feeds/formats/html.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view html(reinterpret_cast<const char*>(data), size);
  (void)bb::feeds::read_page(html);
  (void)bb::feeds::html_to_text(html);
  if (bb::feeds::title_to_text(html).find('\n') != std::string::npos) {
    std::abort();
  }
  return 0;
}
