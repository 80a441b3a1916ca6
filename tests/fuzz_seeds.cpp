// Every fuzz target over its seeds, among them what once broke it, in ordinary builds.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

// BB_FUZZ_TARGETS is BB_TARGET(name) for each of them: their entry points are renamed.
#define BB_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
BB_FUZZ_TARGETS
#undef BB_TARGET

namespace bb::tests {
namespace {

struct Target {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

const Target targets[] = {
#define BB_TARGET(name) {#name, &fuzz_##name},
    BB_FUZZ_TARGETS
#undef BB_TARGET
};

}  // namespace

TEST_CASE("no seed breaks its fuzz target and every target has seeds") {
  for (const Target& target : targets) {
    CAPTURE(target.name);
    const std::filesystem::path folder =
        std::filesystem::path(BB_SOURCE_DIR) / "tests/fuzz/seeds" / target.name;
    REQUIRE(std::filesystem::exists(folder));
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      CAPTURE(entry.path().string());
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string octets(std::istreambuf_iterator<char>(in), {});
      CHECK(target.run(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()) == 0);
    }
  }
}

}  // namespace bb::tests
