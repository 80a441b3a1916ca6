// ./dev crash: kills the bot at random moments, with a Slack that fails, and counts what is lost
// and doubled.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <optional>

#include "tests/crash/world.hpp"
#include "tests/databases/postgres_server.hpp"

namespace bb::crash {
namespace {

// A new installation after so many rounds: migrations are disturbed too, and what is wrong is told
// soon.
constexpr std::size_t rounds_of_world = 50;
constexpr std::size_t installation_rounds = 4;
constexpr std::size_t rounds_with_schedule = 20;  // shorter runs need not wait for it
constexpr std::size_t rounds_between_lines = 10;

struct Options {
  std::size_t rounds = 200;
  std::string database = "both";
  std::size_t instances = 1;
  std::uint64_t seed = 0;
  std::filesystem::path folder;
};

struct Figures {
  std::size_t rounds = 0;
  Lives lives;
  Traffic::Figures traffic;
  Publishers::Figures published;
  Faults::Counts faults;
  Faults::Counts faults_of_sources;
  Tally tally;
};

void add(Faults::Counts& sum, const Faults::Counts& one) {
  for (const auto& [kind, count] : one) {
    sum[kind] += count;
  }
}

void add(Figures& sum, const Figures& one) {
  sum.rounds += one.rounds;
  sum.lives.started += one.lives.started;
  sum.lives.killed_at_start += one.lives.killed_at_start;
  sum.lives.killed += one.lives.killed;
  sum.lives.database_restarts += one.lives.database_restarts;
  sum.traffic.events += one.traffic.events;
  sum.traffic.attempts += one.traffic.attempts;
  sum.traffic.repeated += one.traffic.repeated;
  sum.traffic.digests += one.traffic.digests;
  sum.traffic.feed_runs += one.traffic.feed_runs;
  sum.published.items += one.published.items;
  sum.published.edited += one.published.edited;
  sum.published.deleted += one.published.deleted;
  sum.published.copied += one.published.copied;
  sum.published.moves += one.published.moves;
  add(sum.faults, one.faults);
  add(sum.faults_of_sources, one.faults_of_sources);
  sum.tally.lost += one.tally.lost;
  sum.tally.doubled += one.tally.doubled;
  std::ranges::copy(one.tally.findings, std::back_inserter(sum.tally.findings));
}

Figures run_world(const Options& options, const std::string& kind, std::size_t number,
                  std::size_t rounds) {
  const std::filesystem::path folder =
      options.folder / fmt::format("{}-{}-{}", kind, options.seed, number);
  std::filesystem::remove_all(folder);
  std::optional<tests::PostgresDatabase> postgres;
  World::Database database{.uri = "sqlite:" + (folder / "beaver.db").string(), .restart = {}};
  if (kind == "postgresql") {
    postgres.emplace();
    database = {.uri = postgres->uri(),
                .restart = [] { tests::PostgresServer::shared().restart(); }};
  }
  World world(database, folder, options.seed * 1000 + number);
  Figures figures;
  const auto tell = [&](std::string_view what) {
    figures.lives = world.lives();
    figures.traffic = world.traffic();
    figures.published = world.published();
    std::cout
        << fmt::format(
               "{}, installation {}: {}, {} kills, {} events and {} digests accepted, {} feed "
               "items",
               kind, number, what, figures.lives.killed + figures.lives.killed_at_start,
               figures.traffic.events, figures.traffic.digests, figures.published.items)
        << std::endl;
  };
  for (; figures.rounds < std::min(installation_rounds, rounds); ++figures.rounds) {
    world.round_of_installation();
  }
  world.set_up();
  if (rounds >= rounds_with_schedule) {
    world.schedule_digest();
  }
  if (kind == "postgresql") {
    world.add_companions(options.instances - 1);
  }
  while (figures.rounds < rounds) {
    world.round();
    if (++figures.rounds % rounds_between_lines == 0) {
      tell(fmt::format("round {} of {}", figures.rounds, rounds));
    }
  }
  figures.tally = world.settle();
  tell("settled");
  figures.faults = world.faults().counts();
  figures.faults_of_sources = world.faults().counts_of_sources();
  if (figures.tally.findings.empty()) {
    std::filesystem::remove_all(folder);
  } else {
    std::cout << "the log (and an SQLite database) is kept in " << folder.string() << std::endl;
  }
  return figures;
}

Figures run_database(const Options& options, const std::string& kind) {
  Figures sum;
  for (std::size_t number = 1; sum.rounds < options.rounds; ++number) {
    add(sum,
        run_world(options, kind, number, std::min(rounds_of_world, options.rounds - sum.rounds)));
  }
  return sum;
}

void print_faults(std::string_view where, const Faults::Counts& faults) {
  std::size_t sum = 0;
  for (const auto& [fault, count] : faults) {
    sum += count;
  }
  std::cout << fmt::format("  {:<24}{}\n", where, sum);
  for (const auto& [fault, count] : faults) {
    std::cout << fmt::format("    {:<44}{}\n", fault, count);
  }
}

void report(const std::string& kind, const Figures& figures) {
  std::cout << fmt::format(
      "\n{}\n"
      "  rounds                  {}\n"
      "  starts                  {}\n"
      "  kills                   {}, of these {} before it served\n"
      "  restarts of PostgreSQL  {}\n",
      kind, figures.rounds, figures.lives.started,
      figures.lives.killed + figures.lives.killed_at_start, figures.lives.killed_at_start,
      figures.lives.database_restarts);
  print_faults("faults of Slack", figures.faults);
  print_faults("faults of sources", figures.faults_of_sources);
  const Publishers::Figures& published = figures.published;
  std::cout << fmt::format(
      "  events accepted         {}\n"
      "  attempts not accepted   {}\n"
      "  accepted, sent again    {}\n"
      "  digests accepted        {}\n"
      "  runs of feeds accepted  {}\n"
      "  feed items              {}, of these {} edited, {} copies; {} others deleted in time, {} "
      "feeds moved\n"
      "  lost                    {}\n"
      "  doubled                 {}\n",
      figures.traffic.events, figures.traffic.attempts, figures.traffic.repeated,
      figures.traffic.digests, figures.traffic.feed_runs, published.items, published.edited,
      published.copied, published.deleted, published.moves, figures.tally.lost,
      figures.tally.doubled);
  for (const std::string& finding : figures.tally.findings) {
    std::cout << "  " << finding << "\n";
  }
}

int run(int argc, char** argv) {
  Options options{.folder = std::filesystem::temp_directory_path() / "busy-beaver-crash"};
  options.seed = SystemRandom().below(1'000'000);
  CLI::App app("Kills busy-beaver at random moments and counts what is lost and doubled");
  app.add_option("rounds", options.rounds, "Lives of the bot, for each database")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--database", options.database)
      ->check(CLI::IsMember({"sqlite", "postgresql", "both"}))
      ->capture_default_str();
  app.add_option("--instances", options.instances,
                 "So many at once on PostgreSQL, one of which is killed")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Makes the same decisions as a run that printed it");
  app.add_option("--folder", options.folder, "Where logs and databases are kept of what failed")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::cout << "seed " << options.seed << std::endl;
  bool is_right = true;
  for (const std::string kind : {"sqlite", "postgresql"}) {
    if (options.database == kind || options.database == "both") {
      const Figures figures = run_database(options, kind);
      report(kind, figures);
      is_right = is_right && figures.tally.findings.empty();
    }
  }
  return is_right ? 0 : 1;
}

}  // namespace
}  // namespace bb::crash

int main(int argc, char** argv) {
  try {
    return bb::crash::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "crash: " << error.what() << "\n";
    return 1;
  }
}
