// Events as GitHub's API shows them since payloads were trimmed in October 2025
// (https://github.blog/changelog/2025-08-08-upcoming-changes-to-github-events-api-payloads/).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bb::sim {

struct EventData {
  std::string type;     // "PushEvent"
  std::string repo;     // "owner/name"
  std::string payload;  // JSON object
};

// The `number`th push to that branch: it starts where the one before it ended.
EventData push(std::string_view repo, std::string_view branch = "main", std::int64_t number = 1);
EventData pull_request_opened(std::string_view repo, std::int64_t number);
EventData pull_request_merged(std::string_view repo, std::int64_t number);
EventData issue_opened(std::string_view repo, std::int64_t number, std::string_view title);
EventData star(std::string_view repo);
// `owner` is the person who forks; the fork keeps the repository's name.
EventData fork(std::string_view repo, std::string_view owner);
EventData release(std::string_view repo, std::string_view tag, std::string_view name = {});
EventData new_repository(std::string_view repo, std::string_view description = {});
EventData made_public(std::string_view repo);

// Stable and different for different names, as ids of repositories are.
std::int64_t repository_id(std::string_view repo);

}  // namespace bb::sim
