// `busy-beaver digest explain` and `busy-beaver digest kinds`.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/time.hpp"
#include "storage/database.hpp"

namespace CLI {
class App;
}

namespace bb::app {

struct ExplainOptions {
  std::string date;    // empty: today, in the zone of digests
  std::string member;  // GitHub login or chat user id; empty: all
};

struct KindsOptions {
  std::vector<std::string> on;
  std::vector<std::string> off;
};

// Add the commands to `parent`; the options must live until the command line is parsed.
CLI::App* add_explain(CLI::App& parent, ExplainOptions& options);
CLI::App* add_kinds(CLI::App& parent, KindsOptions& options);

// For every linked member whether the digests of that day showed something, and why not. Exit
// codes: 0, 1 where there was no digest or no such member, 2 wrong usage.
int explain_digests(storage::Database& database, const ExplainOptions& options,
                    const TimeZone& zone, const Clock& clock, std::ostream& out, std::ostream& err);

// Switches kinds of activity on and off, then lists all of them.
int choose_kinds(storage::Database& database, const KindsOptions& options, std::ostream& out,
                 std::ostream& err);

}  // namespace bb::app
