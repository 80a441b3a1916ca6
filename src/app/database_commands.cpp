#include "app/database_commands.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <ostream>

#include "storage/copy.hpp"
#include "storage/database.hpp"
#include "storage/migrations.hpp"

namespace bb::app {
namespace {

constexpr std::int64_t rows_between_reports = 100'000;

int report(std::ostream& err, const Error& error) {
  err << "busy-beaver: " << error.message << "\n";
  return error.code == ErrorCode::invalid_input ? 2 : 1;
}

// Nothing is made where there is nothing: a mistyped name is no empty installation.
Result<std::unique_ptr<storage::Database>> open_source(const std::string& uri) {
  const Result<std::string> file = storage::sqlite_file(uri);
  if (file && !std::filesystem::exists(*file)) {
    return fail(ErrorCode::invalid_input, "there is no file " + *file);
  }
  return storage::open(uri);
}

// What was sealed stays sealed, so the key goes along by hand.
std::string what_to_do_about_key(const std::string& from) {
  const Result<std::string> file = storage::sqlite_file(from);
  const std::string key_file = file ? *file + ".key" : "";
  if (!key_file.empty() && std::filesystem::exists(key_file)) {
    return "Set SECRET_KEY to what is in " + key_file +
           ", unless SECRET_KEY was set before: messages that wait are sealed with it.";
  }
  return "Keep SECRET_KEY as it was: messages that wait are sealed with it.";
}

}  // namespace

CLI::App* add_migrate(CLI::App& parent) {
  CLI::App* command =
      parent.add_subcommand("migrate", "Bring the database to this version's schema");
  command->footer(
      "serve does this by itself at start. Running it again changes nothing.\n\n"
      "Example:\n  DATABASE_URI=sqlite:data/busy-beaver.db busy-beaver migrate");
  return command;
}

CLI::App* add_copy(CLI::App& parent, CopyOptions& options) {
  CLI::App* command = parent.add_subcommand("copy", "Move everything to another, empty database");
  command->add_option("from", options.from, "Where it is, as in DATABASE_URI")->required();
  command->add_option("to", options.to, "Where it goes, as in DATABASE_URI")->required();
  command->footer(
      "Stop the bot first: what it does meanwhile is not copied. Copies in one transaction and\n"
      "compares counts and checksums of all tables before it commits. A password is better kept\n"
      "in ~/.pgpass than on the command line.\n\n"
      "Example:\n"
      "  busy-beaver db copy sqlite:data/busy-beaver.db postgresql://beaver@db/beaver");
  return command;
}

CLI::App* add_forget_key(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand("forget-key", "Go on with a new SECRET_KEY");
  command->footer(
      "Only when the old key is lost: messages that wait to be posted were sealed with it and\n"
      "will fail, and members who are just signing in have to say connect again. Stop the bot\n"
      "first.\n\n"
      "Example:\n  busy-beaver db forget-key");
  return command;
}

int migrate_database(const std::string& uri, const Clock& clock, std::ostream& out,
                     std::ostream& err) {
  const auto database = storage::open(uri);
  if (!database) {
    return report(err, database.error());
  }
  const auto applied = storage::migrate(**database, storage::migrations(), clock);
  if (!applied) {
    return report(err, applied.error());
  }
  for (const std::string& name : *applied) {
    out << "applied " << name << "\n";
  }
  out << "the database is up to date\n";
  return 0;
}

int copy_database(const CopyOptions& options, const Clock& clock, std::ostream& out,
                  std::ostream& err) {
  const auto from = open_source(options.from);
  if (!from) {
    return report(err, from.error());
  }
  const auto to = storage::open(options.to);
  if (!to) {
    return report(err, to.error());
  }
  std::int64_t reported = 0;
  const auto progress = [&](const storage::CopiedTable& table) {
    if (table.rows / rows_between_reports != reported) {
      reported = table.rows / rows_between_reports;
      err << table.name << ": " << table.rows << " rows so far\n";
    }
  };
  const auto copied = storage::copy(**from, **to, storage::migrations(), clock, progress);
  if (!copied) {
    return report(err, copied.error());
  }
  for (const storage::CopiedTable& table : *copied) {
    out << table.name << "\t" << table.rows << "\t" << table.checksum << "\n";
  }
  err << "Copied, with equal counts and checksums on both sides.\n"
      << what_to_do_about_key(options.from) << "\n";
  return 0;
}

}  // namespace bb::app
