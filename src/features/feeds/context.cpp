#include "features/feeds/context.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace bb::feeds {

const Source* find_source(const Sources& sources, std::string_view name) {
  const auto found = std::ranges::find(sources, name, [](const auto& one) { return one->name(); });
  return found == sources.end() ? nullptr : found->get();
}

Result<Target> resolve(const Sources& sources, http::Client& client, std::string_view typed) {
  for (const auto& source : sources) {
    if (std::optional<Step<Target>> step = source->resolve(typed)) {
      return run(client, *std::move(step));
    }
  }
  return fail(ErrorCode::invalid_input,
              "'" + truncate(escape_control(typed), 100) +
                  "' is neither an address of the web nor an account such as @user@instance");
}

}  // namespace bb::feeds
