// What polling and posting work with.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "chat/platform.hpp"
#include "features/feeds/paid_reads.hpp"
#include "features/feeds/source.hpp"
#include "http/client.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "storage/database.hpp"

namespace bb::feeds {

using Sources = std::vector<std::unique_ptr<Source>>;

struct Context {
  storage::Database& database;
  jobs::Queue& queue;
  jobs::Outbox& outbox;
  const Sources& sources;
  http::Client& client;
  const Clock& clock;
  Random& random;
  chat::Renderer render = nullptr;
  ReadBudget budget = {};
  std::size_t concurrency = 20;  // requests under way at a time
};

// The step of one feed's source; an error if this binary has no such source.
const Source* find_source(const Sources& sources, std::string_view name);

// By the first source whose addresses look like that and that knows it: a name with a dot is both a
// handle and the address of a site.
Result<Target> resolve(const Sources& sources, http::Client& client, std::string_view typed);

// The same, and counts what it costs; rate_limited if there is no money for that.
Result<Target> resolve(const Context& context, std::string_view typed);

// The same for a feed that is to be added to a channel: what that has is not paid for once more.
Result<Target> resolve_new(const Context& context, const WorkspaceId& workspace,
                           const ChannelId& channel, std::string_view typed);

}  // namespace bb::feeds
