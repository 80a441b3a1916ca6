// One public event of GitHub, from payloads of 2012 to today, as our own value
// (https://docs.github.com/en/rest/using-the-rest-api/github-event-types).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace bb::github {

// The part of a payload that says something to readers. Absent members are empty.
struct Facts {
  std::string action = {};    // "opened", "closed", "merged", "published", "started", ...
  std::string ref = {};       // branch or tag, without refs/heads/ or refs/tags/
  std::string ref_type = {};  // CreateEvent, DeleteEvent: "branch", "tag", "repository"
  std::optional<std::int64_t> number = std::nullopt;  // of an issue or pull request
  std::string title = {};  // of an issue, pull request, release (its name) or discussion
  std::string url = {};    // https://github.com/... where the payload has one
  // Release: tag. Review: its id. Fork: owner/name of the new repository. MemberEvent,
  // SponsorshipEvent: the login of who was added or is sponsored.
  std::string name = {};
  std::string state = {};        // review: "approved", "changes_requested", "commented", ...
  bool on_pull_request = false;  // IssueCommentEvent: the issue is a pull request
  bool merged = false;           // pull request: closed by merging
  std::optional<std::int64_t> commits = std::nullopt;  // push: distinct commits, where known
  std::string before = {};                             // push: commit ids
  std::string head = {};
  bool first_release = false;  // no payload tells: the release is its repository's only one

  bool operator==(const Facts&) const = default;
};

struct Event {
  std::string id = {};     // decimal; empty in archives of 2012
  std::string type = {};   // "PushEvent"; unknown types are kept as they are
  std::string login = {};  // of the actor
  std::optional<std::int64_t> actor_id = std::nullopt;  // absent in 2012
  std::string avatar_url = {};
  std::string repo = {};  // "owner/name", empty where the event has no repository
  bool is_public = true;
  TimePoint created_at;
  Facts facts;

  bool operator==(const Event&) const = default;
};

// One element of the Events API's array or one line of GH Archive. bad_response names the missing
// path, also that of the repository where the type is about one; an unknown type or an unexpected
// payload is not an error. Text is valid UTF-8 afterwards.
Result<Event> parse_event(const boost::json::value& value);

// The facts as the JSON kept in our database, and back. Unknown members are ignored.
std::string to_json(const Facts& facts);
Result<Facts> parse_facts(std::string_view json);

}  // namespace bb::github
