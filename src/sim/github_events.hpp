// Events as GitHub's API shows them since payloads were trimmed in October 2025
// (https://github.blog/changelog/2025-08-08-upcoming-changes-to-github-events-api-payloads/).
#pragma once

#include <cstdint>
#include <span>
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
EventData pull_request_closed(std::string_view repo, std::int64_t number);  // not merged
// `state` is approved, changes_requested, commented or dismissed.
EventData review(std::string_view repo, std::int64_t number, std::string_view state);
EventData review_comment(std::string_view repo, std::int64_t number);
EventData issue_opened(std::string_view repo, std::int64_t number, std::string_view title);
EventData issue_closed(std::string_view repo, std::int64_t number, std::string_view title);
enum class CommentOn { issue, pull_request };
EventData issue_comment(std::string_view repo, std::int64_t number, std::string_view title,
                        CommentOn what = CommentOn::issue);
EventData commit_comment(std::string_view repo);
EventData discussion(std::string_view repo, std::int64_t number, std::string_view title);
EventData star(std::string_view repo);
// `owner` is the person who forks; the fork keeps the repository's name.
EventData fork(std::string_view repo, std::string_view owner);
EventData release(std::string_view repo, std::string_view tag, std::string_view name = {});
EventData new_repository(std::string_view repo, std::string_view description = {});
EventData new_tag(std::string_view repo, std::string_view tag);
EventData new_branch(std::string_view repo, std::string_view branch);
// The CreateEvent that comes with a fork; `fork` is "owner/name" of the new repository, `ref_type`
// is repository or branch.
EventData fork_created(std::string_view fork, std::string_view ref_type = "repository");
EventData empty_push(std::string_view repo, std::string_view branch = "main");  // equal ends
EventData wiki_edit(std::string_view repo, std::span<const std::string> pages);
EventData collaborator_added(std::string_view repo, std::string_view login);
EventData made_public(std::string_view repo);
// As in archives: today's events have no sponsorships.
EventData sponsorship(std::string_view sponsored);
EventData unknown_event(std::string_view repo);  // a type that nobody has heard of

// Stable and different for different names, as ids of repositories are.
std::int64_t repository_id(std::string_view repo);

}  // namespace bb::sim
