// `busy-beaver digest preview`: the summary that would be posted, without any account.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "github/api.hpp"
#include "http/client.hpp"

namespace CLI {
class App;
}

namespace bb::app {

enum class PreviewFormat { text, markdown, slack };
enum class ColorChoice { automatic, always, never };

struct PreviewOptions {
  std::vector<std::string> logins = {};
  std::optional<std::string> logins_file = std::nullopt;
  std::vector<std::string> events = {};  // files; "-" is the standard input
  std::string since = {};                // empty: as told by --help
  std::string until = {};
  std::string time_zone = "UTC";
  PreviewFormat format = PreviewFormat::text;
  ColorChoice color = ColorChoice::automatic;
  bool no_color = false;  // NO_COLOR is set: no colour unless asked for
};

// Adds the command to `parent`; `options` must live until the command line is parsed.
CLI::App* add_preview(CLI::App& parent, PreviewOptions& options);

// Returns the exit code: 0 something could be read, 1 GitHub could not be asked or the output not
// be written, 2 wrong usage or nothing could be read.
int run_preview(const PreviewOptions& options, const github::Settings& settings,
                http::Client& client, const Clock& clock, std::ostream& out, std::ostream& err);

}  // namespace bb::app
