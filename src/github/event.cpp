#include "github/event.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <iterator>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "github/payload_text.hpp"

namespace bb::github {
namespace {

using boost::json::value;

constexpr std::size_t word_bytes = 64;   // types, actions, ids
constexpr std::size_t name_bytes = 256;  // logins, repositories, refs, tags
constexpr std::size_t title_bytes = 512;

// What happens to a repository says nothing without one; others, such as gists, have none.
constexpr std::string_view types_with_repository[] = {
    "CreateEvent",      "ForkEvent", "IssuesEvent",  "PublicEvent",
    "PullRequestEvent", "PushEvent", "ReleaseEvent", "WatchEvent"};

std::string text_at(const value& from, std::string_view path, std::size_t max_bytes) {
  const value* found = json::find(from, path);
  if (found == nullptr || !found->is_string()) {
    return {};
  }
  const boost::json::string& text = found->get_string();
  return clean_text({text.data(), text.size()}, max_bytes);
}

// The first of the paths that holds text.
std::string first_text(const value& from, std::initializer_list<std::string_view> paths,
                       std::size_t max_bytes) {
  for (const std::string_view path : paths) {
    std::string text = text_at(from, path, max_bytes);
    if (!text.empty()) {
      return text;
    }
  }
  return {};
}

std::optional<std::int64_t> first_count(const value& from,
                                        std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    const auto count = json::integer(from, path);
    if (count && *count >= 0) {
      return count;
    }
  }
  return std::nullopt;
}

std::string short_ref(std::string ref) {
  for (const std::string_view prefix : {"refs/heads/", "refs/tags/"}) {
    if (ref.starts_with(prefix)) {
      return ref.substr(prefix.size());
    }
  }
  return ref;
}

Result<TimePoint> created_at(const value& event) {
  auto text = json::required_string(event, "created_at");
  if (!text) {
    return fail(std::move(text.error()));
  }
  // Some archives of 2012 write 2012/06/14 15:01:42 -0700.
  if (text->size() == 25 && (*text)[4] == '/' && (*text)[7] == '/' && (*text)[19] == ' ') {
    *text = text->substr(0, 4) + '-' + text->substr(5, 2) + '-' + text->substr(8, 2) + 'T' +
            text->substr(11, 8) + text->substr(20, 3) + ':' + text->substr(23, 2);
  }
  const auto time = parse_rfc3339(*text);
  if (!time) {
    return fail(ErrorCode::bad_response, "'created_at': " + time.error().message);
  }
  return *time;
}

std::string id_of(const value& event) {
  if (const auto number = json::integer(event, "id")) {
    return std::to_string(*number);
  }
  return text_at(event, "id", word_bytes);
}

// "owner/name" from `repo` (since 2012; a plain string where an archive has shortened it) or
// `repository` (before); events of 2011 outside of a repository have "/".
std::string repo_of(const value& event) {
  std::string name = first_text(event, {"repo.name", "repo"}, name_bytes);
  if (name.empty()) {
    const std::string owner =
        first_text(event, {"repository.owner", "repository.owner.login"}, name_bytes);
    const std::string own_name = text_at(event, "repository.name", name_bytes);
    name = owner.empty() || own_name.empty()
               ? full_name_of(github_url(text_at(event, "repository.url", url_bytes)))
               : truncate(owner + "/" + own_name, name_bytes);
  }
  return name == "/" ? std::string() : name;
}

// Members of an element that has pages: the one of what the event is about comes first.
constexpr std::string_view url_paths[] = {
    "comment.html_url",      "review.html_url",     "release.html_url", "issue.html_url",
    "pull_request.html_url", "discussion.html_url", "forkee.html_url"};

std::string payload_url(const value& event, const value& payload) {
  for (const std::string_view path : url_paths) {
    std::string url = github_url(text_at(payload, path, url_bytes));
    if (!url.empty()) {
      return url;
    }
  }
  std::string url = github_url(text_at(event, "url", url_bytes));
  if (!url.empty()) {
    return url;
  }
  const boost::json::array* pages = json::array(payload, "pages");
  return pages == nullptr || pages->empty()
             ? std::string()
             : github_url(text_at(pages->front(), "html_url", url_bytes));
}

// Today's payloads leave out most addresses, but they follow from what is left.
std::string derived_url(const Event& event) {
  const Facts& facts = event.facts;
  if (event.type == "ForkEvent" && is_full_name(facts.name)) {
    return std::string(github_web) + facts.name;
  }
  if (!is_full_name(event.repo)) {
    return {};
  }
  const std::string repo = std::string(github_web) + event.repo;
  if (facts.number && event.type.starts_with("PullRequest")) {
    return repo + "/pull/" + std::to_string(*facts.number);
  }
  if (facts.number && event.type.starts_with("Issue")) {
    return repo + "/issues/" + std::to_string(*facts.number);
  }
  if (facts.number && event.type.starts_with("Discussion")) {
    return repo + "/discussions/" + std::to_string(*facts.number);
  }
  if (event.type == "ReleaseEvent" && !facts.name.empty()) {
    return repo + "/releases/tag/" + encode_tag(facts.name);
  }
  return {};
}

std::optional<std::int64_t> commits_of(const value& payload, const Facts& facts) {
  if (const auto counted = first_count(payload, {"distinct_size", "size"})) {
    return counted;
  }
  for (const std::string_view path : {"commits", "shas"}) {
    if (const boost::json::array* commits = json::array(payload, path)) {
      return static_cast<std::int64_t>(commits->size());
    }
  }
  // Without any count, two equal ends still say that nothing was added.
  return !facts.head.empty() && facts.before == facts.head ? std::optional<std::int64_t>(0)
                                                           : std::nullopt;
}

bool was_merged(const value& payload, const Facts& facts) {
  if (facts.action == "merged") {
    return true;
  }
  return facts.action == "closed" &&
         (json::boolean(payload, "pull_request.merged").value_or(false) ||
          json::string(payload, "pull_request.merged_at").has_value());
}

void read_facts(const value& source, Event& event) {
  const value nothing;
  const value* found = json::find(source, "payload");
  const value& payload = found == nullptr ? nothing : *found;
  Facts& facts = event.facts;
  facts.action = text_at(payload, "action", word_bytes);
  facts.ref = short_ref(text_at(payload, "ref", name_bytes));
  facts.ref_type = text_at(payload, "ref_type", word_bytes);
  facts.number =
      first_count(payload, {"number", "issue.number", "pull_request.number", "discussion.number"});
  facts.title =
      first_text(payload, {"issue.title", "pull_request.title", "discussion.title", "release.name"},
                 title_bytes);
  facts.url = payload_url(source, payload);
  if (!facts.number) {
    facts.number = number_of(facts.url);
  }
  if (event.type == "ReleaseEvent") {
    facts.name = text_at(payload, "release.tag_name", name_bytes);
  } else if (event.type == "ForkEvent") {
    // Before 2013 the fork is a number or absent, but it is where the event's address leads.
    facts.name = text_at(payload, "forkee.full_name", name_bytes);
    facts.name = facts.name.empty() ? full_name_of(facts.url) : facts.name;
  } else if (event.type == "MemberEvent") {
    facts.name = first_text(payload, {"member.login", "member"}, name_bytes);
  } else if (event.type == "SponsorshipEvent") {
    facts.name = first_text(
        payload, {"sponsorship.sponsorable.login", "sponsorship.maintainer.login"}, name_bytes);
  } else if (event.type == "PullRequestReviewEvent") {
    facts.state = to_lower(text_at(payload, "review.state", word_bytes));
    const auto review = first_count(payload, {"review.id"});
    facts.name = review ? std::to_string(*review) : std::string();
  } else if (event.type == "IssueCommentEvent") {
    facts.on_pull_request = json::find(payload, "issue.pull_request") != nullptr;
  } else if (event.type == "PullRequestEvent") {
    facts.merged = was_merged(payload, facts);
  } else if (event.type == "PushEvent") {
    facts.before = text_at(payload, "before", word_bytes);
    facts.head = text_at(payload, "head", word_bytes);
    facts.commits = commits_of(payload, facts);
  }
  if (facts.url.empty()) {
    facts.url = derived_url(event);
  }
}

}  // namespace

Result<Event> parse_event(const value& source) {
  if (!source.is_object()) {
    return fail(ErrorCode::bad_response, "not an event: no JSON object");
  }
  Event event;
  event.type = text_at(source, "type", word_bytes);
  if (event.type.empty()) {
    return fail(ErrorCode::bad_response, "not an event: 'type' is missing or not a string");
  }
  // Users and organizations have a type and a date too; what tells an event is that someone did it.
  if (json::find(source, "actor") == nullptr) {
    return fail(ErrorCode::bad_response, "not an event: 'actor' is missing");
  }
  const auto time = created_at(source);
  if (!time) {
    return fail(time.error());
  }
  event.created_at = *time;
  event.id = id_of(source);
  event.login = first_text(source, {"actor.login", "actor", "actor_attributes.login"}, name_bytes);
  event.actor_id = first_count(source, {"actor.id"});
  event.avatar_url = web_url(text_at(source, "actor.avatar_url", url_bytes));
  event.repo = repo_of(source);
  if (event.repo.empty() &&
      std::ranges::find(types_with_repository, event.type) != std::end(types_with_repository)) {
    return fail(ErrorCode::bad_response, "'repo' is missing in a " + event.type);
  }
  event.is_public = json::boolean(source, "public").value_or(true);
  read_facts(source, event);
  return event;
}

std::string to_json(const Facts& facts) {
  std::array<unsigned char, 2'048> buffer;
  boost::json::monotonic_resource memory(buffer.data(), buffer.size());
  boost::json::object object(&memory);
  const auto put = [&object](std::string_view key, const std::string& text) {
    if (!text.empty()) {
      object[key] = text;
    }
  };
  put("action", facts.action);
  put("ref", facts.ref);
  put("ref_type", facts.ref_type);
  put("title", facts.title);
  put("url", facts.url);
  put("name", facts.name);
  put("state", facts.state);
  put("before", facts.before);
  put("head", facts.head);
  if (facts.number) {
    object["number"] = *facts.number;
  }
  if (facts.commits) {
    object["commits"] = *facts.commits;
  }
  const auto mark = [&object](std::string_view key, bool holds) {
    if (holds) {
      object[key] = true;
    }
  };
  mark("merged", facts.merged);
  mark("on_pull_request", facts.on_pull_request);
  mark("first_release", facts.first_release);
  return boost::json::serialize(object);
}

Result<Facts> parse_facts(std::string_view text) {
  std::array<unsigned char, 2'048> buffer;
  boost::json::monotonic_resource memory(buffer.data(), buffer.size());
  const auto parsed = json::parse(text, &memory);
  if (!parsed) {
    return fail(parsed.error().within("facts of an event"));
  }
  if (!parsed->is_object()) {
    return fail(ErrorCode::bad_response, "facts of an event: no JSON object");
  }
  const auto member = [&](std::string_view key) { return json::string(*parsed, key).value_or(""); };
  const auto holds = [&](std::string_view key) {
    return json::boolean(*parsed, key).value_or(false);
  };
  return Facts{.action = member("action"),
               .ref = member("ref"),
               .ref_type = member("ref_type"),
               .number = json::integer(*parsed, "number"),
               .title = member("title"),
               .url = member("url"),
               .name = member("name"),
               .state = member("state"),
               .on_pull_request = holds("on_pull_request"),
               .merged = holds("merged"),
               .commits = json::integer(*parsed, "commits"),
               .before = member("before"),
               .head = member("head"),
               .first_release = holds("first_release")};
}

}  // namespace bb::github
