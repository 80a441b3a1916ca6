// The command line of `digest preview`.
#include <CLI/CLI.hpp>
#include <map>

#include "app/preview.hpp"

namespace bb::app {
namespace {

const std::map<std::string, PreviewFormat> formats = {{"text", PreviewFormat::text},
                                                      {"markdown", PreviewFormat::markdown},
                                                      {"slack", PreviewFormat::slack}};
const std::map<std::string, ColorChoice> colors = {{"auto", ColorChoice::automatic},
                                                   {"always", ColorChoice::always},
                                                   {"never", ColorChoice::never}};

constexpr const char* footer =
    "Without --events the last public events are fetched from GitHub: with GITHUB_OAUTH_TOKEN if "
    "it\n"
    "is set, otherwise within the 60 requests an hour that GitHub allows anyone. The default "
    "window is\n"
    "the last 24 hours; with --events it is the whole range of the files.\n"
    "\n"
    "A span counts back from the end of the window: 24h, 7d. With --events the end is the last "
    "event\n"
    "of the files unless --until says otherwise. --until is not part of the window; a date means "
    "its\n"
    "first moment in --timezone.\n"
    "\n"
    "Examples:\n"
    "  busy-beaver digest preview --login octocat\n"
    "  busy-beaver digest preview --logins-file members.txt --since 7d --format markdown\n"
    "  busy-beaver digest preview --events 2015-01-01-15.json.gz\n"
    "  busy-beaver digest preview --events 2015-01-01-15.json.gz --since 2015-01-01T15:30:00Z\n"
    "  curl -s https://api.github.com/users/octocat/events/public |\n"
    "    busy-beaver digest preview --events - --timezone America/Chicago --format slack\n"
    "\n"
    "Exit codes:\n"
    "  0  something could be read; what could not is told on standard error\n"
    "  1  GitHub could not be asked, or the summary could not be written\n"
    "  2  wrong usage, or nothing could be read";

}  // namespace

CLI::App* add_preview(CLI::App& parent, PreviewOptions& options) {
  CLI::App* command = parent.add_subcommand(
      "preview", "Print the summary that would be posted, without any account");
  command->add_option("--login", options.logins, "GitHub login to summarise; repeatable")
      ->option_text("LOGIN");
  command
      ->add_option("--logins-file", options.logins_file, "File of logins, one a line, # comments")
      ->option_text("FILE");
  command
      ->add_option("--events", options.events,
                   "Read events from files instead of GitHub: a JSON array or JSON lines, gzip or\n"
                   "not; - is standard input; repeatable. Without --login the ten most active\n"
                   "people are shown")
      ->option_text("FILE...");
  command->add_option("--since", options.since, "Start: RFC 3339 time, date or span")
      ->option_text("TIME");
  command->add_option("--until", options.until, "End: RFC 3339 time, date or span")
      ->option_text("TIME");
  command
      ->add_option("--timezone", options.time_zone,
                   "IANA name for dates and for the order of people (UTC)")
      ->option_text("ZONE");
  command
      ->add_option_function<std::string>(
          "--format", [&options](const std::string& name) { options.format = formats.at(name); },
          "slack is the exact JSON that would be posted")
      ->check(CLI::IsMember(&formats))
      ->option_text("text|markdown|slack");
  command
      ->add_option_function<std::string>(
          "--color", [&options](const std::string& name) { options.color = colors.at(name); },
          "auto: on a terminal, unless NO_COLOR is set")
      ->check(CLI::IsMember(&colors))
      ->option_text("auto|always|never");
  command->footer(footer);
  return command;
}

}  // namespace bb::app
