#include "features/feeds/context.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "features/feeds/feed_rows.hpp"

namespace bb::feeds {

const Source* find_source(const Sources& sources, std::string_view name) {
  const auto found = std::ranges::find(sources, name, [](const auto& one) { return one->name(); });
  return found == sources.end() ? nullptr : found->get();
}

namespace {

using MayAsk = std::function<Result<void>(const Source& source)>;

Result<Target> resolve(const Sources& sources, http::Client& client, std::string_view typed,
                       const MayAsk& may_ask) {
  std::optional<Error> error;  // of all that were asked
  for (const auto& source : sources) {
    std::optional<Step<Target>> step = source->resolve(typed);
    if (!step) {
      continue;
    }
    const auto* known = std::get_if<Result<Target>>(&*step);
    const bool is_refused = known != nullptr && !*known;  // by the source, without asking anybody
    if (const Result<void> may = is_refused ? Result<void>() : may_ask(*source); !may) {
      return fail(may.error());
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

}  // namespace

Result<Target> resolve(const Sources& sources, http::Client& client, std::string_view typed) {
  return resolve(sources, client, typed, [](const Source&) { return Result<void>(); });
}

Result<Target> resolve(const Context& context, std::string_view typed) {
  const auto may_ask = [&](const Source& source) {
    return context.database.read([&](storage::Connection& connection) {
      return check_budget(connection, context.budget, source.name(), context.clock.now());
    });
  };
  Result<Target> target = resolve(context.sources, context.client, typed, may_ask);
  if (target && context.budget.contains(target->source)) {
    context.database.write([&](storage::Connection& connection) {
      count_paid_reads(connection, target->source, reads_of_a_name, context.clock.now());
    });
  }
  return target;
}

Result<Target> resolve_new(const Context& context, const WorkspaceId& workspace,
                           const ChannelId& channel, std::string_view typed) {
  for (const auto& [name, budget] : context.budget) {
    const Source* source = find_source(context.sources, name);
    if (source == nullptr || !source->resolve(typed)) {
      continue;
    }
    const Result<Feed> feed = context.database.read([&](storage::Connection& connection) {
      return find_feed(connection, workspace, channel, typed);
    });
    if (feed && feed->target.source == name) {
      return fail(already_there());
    }
  }
  return resolve(context, typed);
}

}  // namespace bb::feeds
