// `busy-beaver migrate` and `busy-beaver db ...`.
#pragma once

#include <iosfwd>
#include <string>

#include "base/clock.hpp"

namespace CLI {
class App;
}

namespace bb::app {

struct CopyOptions {
  std::string from;
  std::string to;
};

// Add the commands to `parent`; the options must live until the command line is parsed.
CLI::App* add_migrate(CLI::App& parent);
CLI::App* add_copy(CLI::App& parent, CopyOptions& options);
CLI::App* add_forget_key(CLI::App& parent);

// Brings the database to this version's schema. Exit codes: 0, 1 failed, 2 wrong usage.
int migrate_database(const std::string& uri, const Clock& clock, std::ostream& out,
                     std::ostream& err);

// Moves an installation to an empty database, and says with which SECRET_KEY it works there.
int copy_database(const CopyOptions& options, const Clock& clock, std::ostream& out,
                  std::ostream& err);

}  // namespace bb::app
