// Databases out there were made with these texts: a migration that has landed is never edited, a
// change is a new migration.
#include <doctest/doctest.h>

#include <array>
#include <string>

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
    Landed{"0009_schedule", "b1194e29de4deb8b90ef912d869250fe3449f946bdd99596681fed2f263930f1"},
    Landed{"0011_claiming", "7e28c1d1a3c51d214ea1d788e7f26f9e55b1683882e543cbf8d8a3f934cc5798"},
    Landed{"0012_pauses", "99ad45b5aa9bd033e10281b1c071234b1a9d842e5a40d55093ebf3d98141cbec"},
    Landed{"0013_perhaps_posted",
           "8f82cb7f66a5c934bd5b0deaf2f13ba74d7e25462be5e6da457b5b2c16532399"},
    Landed{"0016_digest_zone", "70363f74cd7647d355fa57228e095aee3015168416b673bd640213e778dad381"},
    Landed{"0017_certain_history",
           "4f93e81b0bad7492186b5ab4f23882e5471dfac639fa547a801168ce707c8ced"},
    Landed{"0018_feeds", "04cfba94c87e5f5d79aa653f4a2cd4d018ae3149ebf8ea4354ca0bfb080f4622"},
    Landed{"0019_paid_reads", "abbea7fd81d06bb46e5b2638c5d739d527e5aa126af5c6d6dc12f201505ce6af"},
    Landed{"0020_secret_key", "2401b98a1a8105b43b0fc24012f6d75694e2429ac5040d610c59895ac385bcf4"},
    Landed{"0021_feed_new_since",
           "7c00ffbf675101d8b5f9115f62930a78f155f64515f184ddfc8d5c1e5038ed9b"},
};

}  // namespace

TEST_CASE("a migration that has landed keeps its text and its number") {
  REQUIRE(migrations().size() >= landed.size());
  for (std::size_t i = 0; i < landed.size(); ++i) {
    const Migration& migration = migrations()[i];
    CAPTURE(migration.name);
    CHECK(migration.name == landed[i].name);
    CHECK(migration.version == std::stoi(std::string(landed[i].name.substr(0, 4))));
    CHECK(crypto::to_hex(crypto::sha256(migration.sql)) == landed[i].sha256);
  }
}

}  // namespace bb::storage
