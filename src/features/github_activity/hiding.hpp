// What members leave out of their part of a summary: repositories and kinds of activity.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "chat/message.hpp"
#include "features/github_activity/catalog.hpp"
#include "features/github_activity/replies.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

inline constexpr std::size_t most_hidden_repositories = 100;  // of one member

// "owner/name" in lower case, from that or from the repository's address; nothing for anything that
// GitHub has no repository for.
std::optional<std::string> parse_repository(std::string_view text);

// A kind, or a repository as parse_repository() gives it.
using Hideable = std::variant<const Category*, std::string>;
std::optional<Hideable> find_hideable(std::string_view words);

// "fmtlib/fmt, stars and forks"; empty if nothing is hidden.
std::string hidden_text(const Preferences& preferences);

// `hide OWNER/REPO`, `hide stars`; `hide` alone says what is hidden and what can be.
chat::Message hide(storage::Connection& connection, const Asked& asked);

// The reverse; `show everything` too.
chat::Message show(storage::Connection& connection, const Asked& asked);

}  // namespace bb::github_activity
