// Whose summary `digest preview` shows: the logins of its options.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "app/preview.hpp"
#include "base/result.hpp"

namespace bb::app {

// Each login of --login and --logins-file once, without regard to case and without the @ that
// people write before it. Bots are told on `err` and left out; with nobody else it is an error.
Result<std::vector<std::string>> collect_logins(const PreviewOptions& options, std::ostream& err);

}  // namespace bb::app
