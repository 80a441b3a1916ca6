// Any octets as an answer of GitHub's GraphQL API.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "github/graphql.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto titles = bb::github::parse_titles(body, 3);
  const auto counts = bb::github::parse_release_counts(body, 3);
  if ((titles && titles->found.values.size() != 3) ||
      (counts && counts->found.values.size() != 3)) {
    std::abort();
  }
  return 0;
}
