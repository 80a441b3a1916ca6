#include "crypto/crypto.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

namespace bb::crypto {
namespace {

const Secret secret_key("0123456789abcdef0123456789abcdef");

TEST_CASE("SHA-256 gives the digests of FIPS 180-4") {
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(to_hex(sha256(std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("HMAC-SHA256 gives the codes of RFC 4231") {
  CHECK(to_hex(hmac_sha256(Secret(std::string(20, '\x0b')), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(to_hex(hmac_sha256(Secret("Jefe"), "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256(Secret(std::string(20, '\xaa')), std::string(50, '\xdd'))) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  CHECK(to_hex(hmac_sha256(Secret(std::string(131, '\xaa')),
                           "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("HMAC-SHA256 takes an empty key and empty data") {
  CHECK(to_hex(hmac_sha256(Secret(), "")) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("HMAC-SHA1 gives the digests of RFC 2202") {
  CHECK(to_hex(hmac_sha1(Secret(std::string(20, '\x0b')), "Hi There")) ==
        "b617318655057264e28bc0b6fb378c8ef146be00");
  CHECK(to_hex(hmac_sha1(Secret("Jefe"), "what do ya want for nothing?")) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST_CASE("texts are equal only when all their octets are") {
  CHECK(constant_time_equal("", ""));
  CHECK(constant_time_equal("same", "same"));
  CHECK_FALSE(constant_time_equal("same", "samf"));
  CHECK_FALSE(constant_time_equal("same", "same "));
  CHECK_FALSE(constant_time_equal("", "a"));
}

TEST_CASE("hexadecimal digits are lower case and two per octet") {
  CHECK(to_hex(std::string_view("\x00\x0f\xff\xa5", 4)) == "000fffa5");
  CHECK(to_hex("").empty());
}

TEST_CASE("base64 gives the test vectors of RFC 4648") {
  CHECK(to_base64("").empty());
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("fo") == "Zm8=");
  CHECK(to_base64("foo") == "Zm9v");
  CHECK(to_base64("foob") == "Zm9vYg==");
  CHECK(to_base64("fooba") == "Zm9vYmE=");
  CHECK(to_base64("foobar") == "Zm9vYmFy");
}

TEST_CASE("base64 is read back and nothing else is read") {
  for (const char* text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    CAPTURE(text);
    CHECK(from_base64(to_base64(text)) == text);
  }
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "Zh==", "Zm9v-", "=", "====", "Zm=v"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

TEST_CASE("base64url has its own two digits and no padding") {
  CHECK(to_base64("\xfb\xff\xfe\xff") == "+//+/w==");
  CHECK(to_base64url("\xfb\xff\xfe\xff") == "-__-_w");
}

TEST_CASE("a sealed text opens to what was sealed") {
  SeededRandom random(1);
  const Sealer sealer(secret_key, random);
  for (const std::string& text :
       {std::string(), std::string("xoxb-1"), std::string("a\0b", 3), std::string(10'000, 'x')}) {
    CHECK(sealer.open(sealer.seal(text, "workspace/1"), "workspace/1") == text);
  }
}

TEST_CASE("a sealed text shows nothing of what was sealed and never looks the same") {
  SeededRandom random(1);
  const Sealer sealer(secret_key, random);
  const std::string first = sealer.seal("xoxb-token", "workspace/1");
  CHECK(first != sealer.seal("xoxb-token", "workspace/1"));
  CHECK(first.find("xoxb") == std::string::npos);
  CHECK(first.size() == (12 + 10 + 16) * 8 / 6 + 1);
}

TEST_CASE("a sealed text that was altered anywhere does not open") {
  SeededRandom random(1);
  const Sealer sealer(secret_key, random);
  const std::string sealed = sealer.seal("xoxb-token", "workspace/1");
  for (std::size_t position = 0; position < sealed.size(); ++position) {
    std::string altered = sealed;
    altered[position] = altered[position] == 'A' ? 'B' : 'A';
    CHECK_FALSE(sealer.open(altered, "workspace/1"));
    CHECK_FALSE(sealer.open(sealed.substr(0, position), "workspace/1"));
  }
  CHECK_FALSE(sealer.open(sealed + "A", "workspace/1"));
  CHECK_FALSE(sealer.open(sealed + "=", "workspace/1"));
  CHECK_FALSE(sealer.open("not base64!", "workspace/1"));
}

TEST_CASE("a sealed text that was moved to another place does not open") {
  SeededRandom random(1);
  const Sealer sealer(secret_key, random);
  const std::string sealed = sealer.seal("xoxb-token", "workspace/1");
  CHECK_FALSE(sealer.open(sealed, "workspace/2"));
  CHECK_FALSE(sealer.open(sealed, ""));
}

TEST_CASE("a sealed text opens only with the secret that sealed it") {
  SeededRandom random(1);
  const std::string sealed = Sealer(secret_key, random).seal("xoxb-token", "workspace/1");
  CHECK(Sealer(secret_key, random).open(sealed, "workspace/1") == "xoxb-token");
  CHECK_FALSE(
      Sealer(Secret("another secret of enough octets"), random).open(sealed, "workspace/1"));
}

TEST_CASE("a secret that is too short to be one is refused") {
  SeededRandom random(1);
  CHECK_THROWS_AS(Sealer(Secret("fifteen octets."), random), std::invalid_argument);
  CHECK_THROWS_AS(Sealer(Secret(), random), std::invalid_argument);
}

}  // namespace
}  // namespace bb::crypto
