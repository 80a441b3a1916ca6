// A .env file of any content is read or refused by line, and so is the configuration that it makes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "app/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto environment = bb::app::parse_env_file(text)) {
    (void)bb::app::load_config(*environment);
  }
  return 0;
}
