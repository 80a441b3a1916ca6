#include "http/masking.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "base/text.hpp"
#include "crypto/crypto.hpp"

namespace bb::http {
namespace {

struct Case {
  std::string text;
  std::string masked;
};

const std::string app_secret = "c0ffee00/\"b+ar&1";
const std::string key = "correct horse battery";

Masking masking_of_secrets() {
  const std::vector<Secret> secrets = {Secret(app_secret), Secret(key), Secret(), Secret("abc")};
  return Masking(secrets);
}

void check_texts(const std::vector<Case>& cases) {
  const Masking masking = masking_of_secrets();
  for (const auto& [text, masked] : cases) {
    CAPTURE(text);
    CHECK(masking.text(text) == masked);
    CHECK(masking.text(masked) == masked);
  }
}

std::string percent_encoded(std::string_view value) {
  Parameters parameters;
  parameters.add("x", value);
  return parameters.encode().substr(2);
}

}  // namespace

TEST_CASE("headers with credentials are masked whole and others keep their text") {
  const Headers headers = {{"authorization", "Bearer abc"},
                           {"Proxy-Authorization", "Basic eDp5"},
                           {"Cookie", "a=b"},
                           {"Set-Cookie", "session=1; Path=/"},
                           {"X-Slack-Signature", "v0=12"},
                           {"X-Hub-Signature-256", "sha256=12"},
                           {"X-Api-Key", "k"},
                           {"X-Vault-Token", "t"},
                           {"My-Client-Secret", "s"},
                           {"ETag", "W/\"abc\""},
                           {"Location", "https://a.example/back?code=123&page=2"},
                           {"Link", "<https://a.example/x?page=2>; rel=\"next\""}};
  const Headers masked = Masking().headers(headers);
  REQUIRE(masked.entries().size() == headers.entries().size());
  for (std::size_t i = 0; i < 9; ++i) {
    CAPTURE(headers.entries()[i].first);
    CHECK(masked.entries()[i].second == "***");
  }
  CHECK(masked.find("ETag") == "W/\"abc\"");
  CHECK(masked.find("Location") == "https://a.example/back?code=***&page=2");
  CHECK(masked.find("Link") == headers.find("Link"));
}

TEST_CASE("addresses lose credentials in user and query and fragment") {
  const std::vector<Case> cases = {
      {"https://a.example/x?page=2", "https://a.example/x?page=2"},
      {"https://me:pass@a.example/x", "https://***@a.example/x"},
      {"https://me:p@ss@a.example", "https://***@a.example"},
      {"https://a.example/?state=s%2Ft&client_id=1&code=abc",
       "https://a.example/?state=***&client_id=1&code=***"},
      {"https://a.example/?Client_Secret=(a;b)'c", "https://a.example/?Client_Secret=***"},
      {"https://a.example/?client%5Fsecret=abcd", "https://a.example/?client%5Fsecret=***"},
      {"https://a.example/?access-token=1", "https://a.example/?access-token=***"},
      {"https://a.example/#access_token=1&x=2", "https://a.example/#access_token=***&x=2"},
      {"https://a.example/?next_page_token=7", "https://a.example/?next_page_token=7"},
      {"https://a.example/?back=https%3A%2F%2Fb.example%2F%3Fcode%3D12%26a%3D1",
       "https://a.example/?back=https%3A%2F%2Fb.example%2F%3Fcode%3D***%26a%3D1"},
      {"https://a.example/?back=https%3A%2F%2Fb.example%2F%3Fpage%3d1",
       "https://a.example/?back=https%3A%2F%2Fb.example%2F%3Fpage%3d1"},
      {"https://a.example/?&a=1&&b", "https://a.example/?&a=1&&b"},
  };
  for (const auto& [url, masked] : cases) {
    CAPTURE(url);
    CHECK(Masking().url(url) == masked);
    CHECK(Masking().url(masked) == masked);
  }
}

TEST_CASE("members of JSON are masked at any depth by their name") {
  const std::vector<Case> cases = {
      {R"({"access_token": "abc", "token_type": "bearer"})",
       R"({"access_token":"***","token_type":"bearer"})"},
      {R"({"a": [{"b": {"refresh_token": "x", "n": 1}}]})",
       R"({"a":[{"b":{"refresh_token":"***","n":1}}]})"},
      {R"({"token": ["a", {"x": "b"}], "secret": 5, "password": null, "signature": ""})",
       R"({"token":["***",{"x":"b"}],"secret":"***","password":null,"signature":""})"},
      {R"({"state": "open", "code": "missing_field"})",
       R"({"state":"open","code":"missing_field"})"},
      {R"({"state": "aGVsbG8gd29ybGQgd2hhdCBhIGRheSB0aGlzIGlz", "code": "0123456789abcdef0123"})",
       R"({"state":"***","code":"***"})"},
      {R"({"code": 404})", R"({"code":404})"},
      {R"({"url": "https://a.example/?client_id=1&state=abc&x=1"})",
       R"({"url":"https://a.example/?client_id=1&state=***&x=1"})"},
      {R"({"text": "<https://a.example/?a=1&amp;state=abc|go on>"})",
       R"({"text":"<https://a.example/?a=1&amp;state=***|go on>"})"},
      {R"({"text": "{\"access_token\": \"abc\"}"})", R"({"text":"{\"access_token\":\"***\"}"})"},
      {R"([1, "a"])", R"([1,"a"])"},
  };
  for (const auto& [body, masked] : cases) {
    CAPTURE(body);
    CHECK(Masking().body(body, {}) == masked);
    CHECK(Masking().body(masked, {}) == masked);
  }
}

TEST_CASE("forms are masked by name and within their values") {
  const Headers headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  const std::vector<Case> cases = {
      {"client_id=1&client_secret=a;b&code=12&code_verifier=v&redirect_uri=http%3A%2F%2Fa%2Fb",
       "client_id=1&client_secret=***&code=***&code_verifier=***&redirect_uri=http%3A%2F%2Fa%2Fb"},
      {"blocks=%5B%7B%22url%22%3A%22https%3A%2F%2Fa%2F%3Fstate%3Dabc%22%7D%5D&limit=5",
       "blocks=%5B%7B%22url%22%3A%22https%3A%2F%2Fa%2F%3Fstate%3D***%22%7D%5D&limit=5"},
      {"", ""},
      {"%zz=1&token=%zz", "%zz=1&token=***"},
  };
  for (const auto& [body, masked] : cases) {
    CAPTURE(body);
    CHECK(Masking().body(body, headers) == masked);
    CHECK(Masking().body(masked, headers) == masked);
  }
}

TEST_CASE("credentials in text are masked by the name before them") {
  check_texts({
      {"see https://a.example/?code=12&b=1 and go", "see https://a.example/?code=***&b=1 and go"},
      {R"({"access_token": "cut o)", R"({"access_token": "***)"},
      {R"(x {"a": 1, "token" : "a\"b", "b": 2} y)", R"(x {"a": 1, "token" : "***", "b": 2} y)"},
      {R"(x {\"token\":\"ab\",\"b\":2} y)", R"(x {\"token\":\"***\",\"b\":2} y)"},
      {"token=\"a b\" c", "token=\"***\" c"},
      {"ftp://u:p@h/ and http://x@y", "ftp://***@h/ and http://***@y"},
      {"the state: open, code 5, a == b", "the state: open, code 5, a == b"},
      {"at https%3A%2F%2Fa%2F%3Fcode%3D12%26b%3D1 it",
       "at https%3A%2F%2Fa%2F%3Fcode%3D***%26b%3D1 it"},
      {"100% sure", "100% sure"},
  });
}

TEST_CASE("well known tokens are masked wherever they stand") {
  const std::string tail = "0123456789abcdefABCDEF0123456789abcd";
  std::vector<Case> cases;
  for (const char* start : {"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "xoxb-", "xoxp-",
                            "xoxe.xoxp-", "xapp-"}) {
    const std::string rest = std::string(start).starts_with("xoxe.") ? "xoxe.***" : "***";
    cases.push_back({"a " + std::string(start) + tail + ", b", "a " + rest + ", b"});
  }
  cases.push_back({"sighs_loudly and xoxb-short", "sighs_loudly and xoxb-short"});
  check_texts(cases);
}

TEST_CASE("known secrets are masked in every spelling") {
  const std::string escaped = "c0ffee00\\/\\\"b+ar&1";
  const std::string unicode = "c0ffee00\\u002f\\u0022b+ar\\u00261";
  const std::string slack = "c0ffee00/\"b+ar&amp;1";
  check_texts({
      {"a " + app_secret + " b", "a *** b"},
      {app_secret + app_secret, "******"},
      {"a " + percent_encoded(app_secret) + " b", "a *** b"},
      {"a " + to_lower(percent_encoded(app_secret)) + " b", "a *** b"},
      {"a " + percent_encoded(percent_encoded(app_secret)) + " b", "a *** b"},
      {"a " + escaped + " b", "a *** b"},
      {"a " + unicode + " b", "a *** b"},
      {"a " + slack + " b", "a *** b"},
      {"correct+horse%20battery", "***"},
      {"abc stays", "abc stays"},
  });
}

TEST_CASE("known secrets are masked within base64 at any place") {
  for (const char* before : {"", "a", "ab", "abc", "client:"}) {
    for (const char* after : {"", "z", "zz", "zzz"}) {
      const std::string text = std::string(before).append(app_secret).append(after);
      check_texts({{"Basic " + crypto::to_base64(text) + " x", "Basic *** x"},
                   {"(" + crypto::to_base64url(text) + ")", "(***)"},
                   {"a " + percent_encoded(crypto::to_base64(text)) + " b", "a *** b"}});
    }
  }
}

TEST_CASE("secrets in names of members and in bodies that are not text are masked") {
  const Masking masking = masking_of_secrets();
  CHECK(masking.body(R"({"correct horse battery": 1})", {}) == R"({"***":1})");
  CHECK(masking.body("\xff\xfe" + key + "\xff", {}) == "\xff\xfe***\xff");
  CHECK(masking.url("https://a.example/?x=" + app_secret + "&y=1") ==
        "https://a.example/?x=***&y=1");
  CHECK(masking.text("?x=" + crypto::to_base64(key) + "&y=1") == "?x=***&y=1");
  CHECK(masking.url("https://a.example/" + percent_encoded(key) + "/x") ==
        "https://a.example/***/x");
}

}  // namespace bb::http
