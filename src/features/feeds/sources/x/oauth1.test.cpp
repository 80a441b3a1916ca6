#include "features/feeds/sources/x/oauth1.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace bb::feeds::x {
namespace {

TimePoint at(std::int64_t seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

}  // namespace

// Computed from the secrets of the example, with the version that RFC 5849 lets one leave out.
TEST_CASE("a query is signed as RFC 5849 says") {
  const OAuth1Keys keys{.consumer_key = "dpf43f3p2l4k3l03",
                        .consumer_secret = Secret("kd94hf93k423kf44"),
                        .token = Secret("nnch734d00sl2jdk"),
                        .token_secret = Secret("pfkkdhi9sl3r4s00")};
  CHECK(oauth1_authorization(
            keys, {.url = "http://photos.example.net/photos?file=vacation.jpg&size=original"},
            "chapoH", at(137'131'202))
            .contains("oauth_signature=\"1IAE9RzK%2BDqSqVTdQ%2F0zWANXVzs%3D\""));
}

TEST_CASE("the example of X's documentation has the signature that it has there") {
  const OAuth1Keys keys{.consumer_key = "xvz1evFS4wEEPTGEFPHBog",
                        .consumer_secret = Secret("kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"),
                        .token = Secret("370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"),
                        .token_secret = Secret("LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE")};
  // There the status is in the body; what is signed is the same.
  const std::string header = oauth1_authorization(
      keys,
      {.method = "POST",
       .url = "https://api.twitter.com/1.1/statuses/update.json?include_entities=true&"
              "status=Hello+Ladies%20%2B%20Gentlemen%2c%20a%20signed%20OAuth%20request!"},
      "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", at(1'318'622'958));
  CHECK(header ==
        "OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", "
        "oauth_nonce=\"kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg\", "
        "oauth_signature_method=\"HMAC-SHA1\", oauth_timestamp=\"1318622958\", "
        "oauth_token=\"370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb\", "
        "oauth_version=\"1.0\", oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\"");
}

}  // namespace bb::feeds::x
