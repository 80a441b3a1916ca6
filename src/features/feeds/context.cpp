#include "features/feeds/context.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace bb::feeds {

const Source* find_source(const Sources& sources, std::string_view name) {
  const auto found = std::ranges::find(sources, name, [](const auto& one) { return one->name(); });
  return found == sources.end() ? nullptr : found->get();
}

Result<Target> resolve(const Sources& sources, http::Client& client, std::string_view typed) {
  std::optional<Error> error;  // of all that were asked
  for (const auto& source : sources) {
    std::optional<Step<Target>> step = source->resolve(typed);
    if (!step) {
      continue;
    }
    Result<Target> target = run(client, *std::move(step));
    if (target) {
      return target;
    }
    error = error ? target.error().within(error->message) : target.error();
    if (target.error().code != ErrorCode::not_found &&
        target.error().code != ErrorCode::bad_response) {
      break;
    }
  }
  if (error) {
    return fail(*std::move(error));
  }
  return fail(ErrorCode::invalid_input,
              "'" + truncate(escape_control(typed), 100) +
                  "' is neither an address of the web nor an account such as @user@instance");
}

Result<Target> resolve(const Context& context, std::string_view typed) {
  Result<Target> target = resolve(context.sources, context.client, typed);
  if (target && context.budget.contains(target->source)) {
    context.database.write([&](storage::Connection& connection) {
      count_paid_reads(connection, target->source, reads_of_a_name, context.clock.now());
    });
  }
  return target;
}

}  // namespace bb::feeds
