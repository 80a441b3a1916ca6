// Databases out there were made with these texts: a migration that has landed is never edited, a
// change is a new migration.
#include <doctest/doctest.h>

#include <array>

#include "crypto/crypto.hpp"
#include "storage/migrations.hpp"

namespace bb::storage {
namespace {

struct Landed {
  std::string_view name;
  std::string_view sha256;
};

constexpr std::array landed = {
    Landed{"0001_jobs", "5b9f6802194c19e63d3806dcc0b2ae27be619434e42eab578af8469f89fc3926"},
    Landed{"0002_chat", "637d5af3278cbd5cb1cac9f3e7990939ee9ce6bbf4ffede869496dafe4da855a"},
    Landed{"0003_api_user", "cdbd5870f5ec52dd34fdf2e3125421f2c2064dd779e62a2a4439ed8646e939de"},
    Landed{"0004_github_activity",
           "fb38444ae619ec804222875b4da43ecdfc56bdc723a5614e5bfb9b64c730b5ad"},
    Landed{"0005_digest", "a343c33b93285eed3a5d6d0f40c7f795f49db3987d4e04a26c017850f3485dc7"},
    Landed{"0006_threads", "1c907db96ee3b4df160f4e89903fc3865b301599205fde486269f30309c15d97"},
    Landed{"0007_operator", "58613b08557c502bea0ce75c204c1b68a4b69ee8544bcda03716e2da4107cb7e"},
    Landed{"0008_pauses", "e9892af4062cd5fd3604fa40ff48483c21c21d4602236901b7f4c82231fec195"},
};

}  // namespace

TEST_CASE("a migration that has landed keeps its text and its number") {
  REQUIRE(migrations().size() >= landed.size());
  for (std::size_t i = 0; i < landed.size(); ++i) {
    const Migration& migration = migrations()[i];
    CAPTURE(migration.name);
    CHECK(migration.name == landed[i].name);
    CHECK(migration.version == static_cast<int>(i) + 1);
    CHECK(crypto::to_hex(crypto::sha256(migration.sql)) == landed[i].sha256);
  }
}

}  // namespace bb::storage
