// What `digest preview` prints for a file that shows every behaviour. BB_REBASELINE=1 writes the
// files anew.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/preview.hpp"

namespace bb::app {
namespace {

class NoNetwork final : public http::Client {
 public:
  Result<http::Response> send(const http::ClientRequest& /*request*/) override {
    return fail(ErrorCode::unavailable, "there is no network in this test");
  }
};

// Output, then what was said on standard error.
std::string preview(PreviewOptions options) {
  std::ostringstream out;
  std::ostringstream err;
  NoNetwork client;
  const VirtualClock clock(TimePoint{});
  options.events = {"tests/golden/activity.ndjson"};
  const github::Settings settings{.api_url = "https://api.github.com",
                                  .web_url = "https://github.com"};
  const int exit_code = run_preview(options, settings, client, clock, out, err);
  return out.str() + "--- standard error, exit code " + std::to_string(exit_code) + "\n" +
         err.str();
}

void check_golden(const std::string& name, const std::string& actual) {
  const std::string path = "tests/golden/" + name + ".golden";
  if (std::getenv("BB_REBASELINE") != nullptr) {
    std::ofstream(path) << actual;
  }
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  CAPTURE(path);
  CHECK(actual == expected.str());
}

TEST_CASE("the preview as text") {
  check_golden("preview.text", preview({.time_zone = "Europe/London"}));
}

TEST_CASE("the preview as coloured text") {
  check_golden("preview.color", preview({.logins = {"ada"}, .color = ColorChoice::always}));
}

TEST_CASE("the preview as Markdown") {
  check_golden("preview.markdown", preview({.format = PreviewFormat::markdown}));
}

TEST_CASE("the preview as messages for Slack") {
  check_golden("preview.slack", preview({.format = PreviewFormat::slack}));
}

TEST_CASE("the preview of chosen people in a window") {
  check_golden("preview.chosen", preview({.logins = {"@GRACE", "nobody", "ada"},
                                          .since = "4h",
                                          .until = "2024-05-06T12:30:00Z",
                                          .time_zone = "America/Los_Angeles"}));
}

TEST_CASE("the preview of a quiet day") {
  check_golden("preview.quiet", preview({.since = "2024-05-07", .until = "2024-05-08"}));
}

}  // namespace
}  // namespace bb::app
