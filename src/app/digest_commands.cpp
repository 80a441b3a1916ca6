#include "app/digest_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>
#include <span>

#include "base/text.hpp"
#include "chat/workspaces.hpp"
#include "features/github_activity/history.hpp"
#include "features/github_activity/kinds.hpp"

namespace bb::app {
namespace {

using github_activity::MemberOutcome;
using github_activity::PastDigest;

constexpr int done = 0;
constexpr int failed = 1;
constexpr int wrong_usage = 2;

struct ToldDigest {
  PastDigest digest;
  std::vector<MemberOutcome> members;
  bool is_extra = false;
};
using DigestsOfDay = std::vector<ToldDigest>;

// One that shows again what another of the channel showed before it; `digests` are in order of
// time.
bool is_extra(std::span<const PastDigest> digests, const PastDigest& digest) {
  return std::ranges::any_of(digests, [&](const PastDigest& other) {
    return other.id != digest.id && other.channel == digest.channel &&
           other.window.until <= digest.window.until && other.window.until > digest.window.since;
  });
}

DigestsOfDay read_digests(storage::Database& database, TimePoint from, TimePoint until) {
  return database.read([&](storage::Connection& connection) {
    DigestsOfDay result;
    const auto workspace = chat::known_workspace(connection);
    if (!workspace) {
      return result;
    }
    const std::vector<PastDigest> digests = github_activity::digests_between(
        connection, workspace->id, from - std::chrono::days(1), until);
    for (const PastDigest& digest : digests) {
      if (digest.window.until > from) {
        result.push_back({.digest = digest,
                          .members = github_activity::outcomes_of(connection, digest.id),
                          .is_extra = is_extra(digests, digest)});
      }
    }
    return result;
  });
}

// `member` is a login or a user id, perhaps with the @ or # that people write.
bool is_named(const MemberOutcome& outcome, std::string_view member) {
  if (member.starts_with('@')) {
    member.remove_prefix(1);
  }
  return member.empty() || equals_ignoring_case(outcome.login, member) ||
         equals_ignoring_case(outcome.user.value, member);
}

// How many members were told of.
std::size_t print(const ToldDigest& told, std::string_view member, const TimeZone& zone,
                  std::ostream& out) {
  constexpr const char* pattern = "%Y-%m-%d %H:%M";
  const PastDigest& digest = told.digest;
  out << (told.is_extra ? "Extra digest in " : "Digest in ") << digest.channel.value << ", from "
      << zone.format(digest.window.since, pattern) << " to "
      << zone.format(digest.window.until, pattern) << " (" << zone.name() << ")\n";
  std::size_t count = 0;
  for (const MemberOutcome& outcome : told.members) {
    if (!is_named(outcome, member)) {
      continue;
    }
    ++count;
    out << fmt::format("  {} ({}): {}{}\n", escape_control(outcome.login), outcome.user.value,
                       escape_control(outcome.outcome),
                       outcome.detail.empty() ? "" : " [" + outcome.detail + "]");
  }
  return count;
}

}  // namespace

CLI::App* add_explain(CLI::App& parent, ExplainOptions& options) {
  CLI::App* command = parent.add_subcommand(
      "explain", "Say for every linked member why they were in a digest or not");
  command->add_option("--date", options.date, "Day of the digest, 2026-11-22; today without it")
      ->option_text("DATE");
  command
      ->add_option("--member", options.member,
                   "Only this member: GitHub login or the chat's user id")
      ->option_text("MEMBER");
  command->footer(
      "Days are those of DIGEST_TIMEZONE. What is kept goes back 35 days.\n\n"
      "Examples:\n"
      "  busy-beaver digest explain --date 2026-11-22\n"
      "  busy-beaver digest explain --date 2026-11-22 --member octocat");
  return command;
}

CLI::App* add_kinds(CLI::App& parent, KindsOptions& options) {
  CLI::App* command =
      parent.add_subcommand("kinds", "Choose which kinds of activity digests show, or list them");
  command->add_option("--on", options.on, "Show this kind; repeatable")->option_text("KIND");
  command->add_option("--off", options.off, "Do not show it; repeatable")->option_text("KIND");
  command->footer(
      "Applies from the next digest on.\n\n"
      "Examples:\n"
      "  busy-beaver digest kinds\n"
      "  busy-beaver digest kinds --on comments --on discussions --off stars");
  return command;
}

int explain_digests(storage::Database& database, const ExplainOptions& options,
                    const TimeZone& zone, const Clock& clock, std::ostream& out,
                    std::ostream& err) {
  const Result<std::chrono::year_month_day> day =
      options.date.empty() ? zone.day_of(clock.now()) : parse_day(options.date);
  if (!day) {
    err << "busy-beaver: --date: '" << truncate(escape_control(options.date), 60)
        << "' is not a date such as 2026-11-22\n";
    return wrong_usage;
  }
  const std::chrono::year_month_day next = std::chrono::sys_days(*day) + std::chrono::days(1);
  const DigestsOfDay digests = read_digests(database, zone.start_of(*day), zone.start_of(next));
  if (digests.empty()) {
    err << "busy-beaver: there was no digest on that day (" << zone.name() << ")\n";
    return failed;
  }
  std::size_t count = 0;
  for (const ToldDigest& told : digests) {
    count += print(told, options.member, zone, out);
  }
  if (count == 0 && !options.member.empty()) {
    err << "busy-beaver: " << truncate(escape_control(options.member), 60)
        << " was not linked when that digest was made\n";
    return failed;
  }
  return done;
}

int choose_kinds(storage::Database& database, const KindsOptions& options, std::ostream& out,
                 std::ostream& err) {
  for (const auto* names : {&options.on, &options.off}) {
    for (const std::string& name : *names) {
      if (github_activity::find_row(name) == nullptr) {
        err << "busy-beaver: there is no kind '" << truncate(escape_control(name), 60)
            << "'; busy-beaver digest kinds lists them\n";
        return wrong_usage;
      }
    }
  }
  const auto workspace = database.read(chat::known_workspace);
  if (!workspace) {
    err << "busy-beaver: there is no workspace yet: start busy-beaver serve once\n";
    return failed;
  }
  const github_activity::Kinds kinds = database.write([&](storage::Connection& connection) {
    github_activity::Kinds chosen = github_activity::kinds_of(connection, workspace->id);
    for (const std::string& name : options.on) {
      chosen.chosen[std::string(github_activity::find_row(name)->key)] = true;
    }
    for (const std::string& name : options.off) {
      chosen.chosen[std::string(github_activity::find_row(name)->key)] = false;
    }
    github_activity::store_kinds(connection, workspace->id, chosen);
    return chosen;
  });
  for (const github_activity::Category& row : github_activity::catalog()) {
    out << fmt::format("{:<4}{:<22}{}\n", kinds.is_on(row) ? "on" : "off", row.key, row.plural);
  }
  return done;
}

}  // namespace bb::app
