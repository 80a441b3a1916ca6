// `digest preview` over real events of 2012 to 2026, where they are at hand.
#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "app/preview.hpp"
#include "base/text.hpp"
#include "features/github_activity/digest.hpp"
#include "github/event.hpp"

namespace bb::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

class NoNetwork final : public http::Client {
 public:
  Result<http::Response> send(const http::ClientRequest& /*request*/) override {
    return fail(ErrorCode::unavailable, "there is no network in this test");
  }
};

struct Output {
  int exit_code = -1;
  std::string text;
  std::string errors;
};

Output preview(const fs::path& file, std::vector<std::string> logins = {}) {
  std::ostringstream out;
  std::ostringstream err;
  NoNetwork client;
  const VirtualClock clock(TimePoint{});
  const PreviewOptions options{.logins = std::move(logins), .events = {file.string()}};
  const int exit_code = run_preview(options, {}, client, clock, out, err);
  return {exit_code, out.str(), err.str()};
}

fs::path corpus() {
  const char* folder = std::getenv("BB_CORPUS");
  return fs::path(folder != nullptr ? folder : "../shared/data") / "github-events";
}

std::vector<fs::path> files_below(const char* folder) {
  std::vector<fs::path> files;
  if (!fs::exists(corpus() / folder)) {
    MESSAGE("skipped: BB_CORPUS has no " << (corpus() / folder).string());
    return files;
  }
  for (const auto& entry : fs::recursive_directory_iterator(corpus() / folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && (name.ends_with("json") || name.ends_with(".gz"))) {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

std::string read_all(const fs::path& path) {
  std::string text;
  std::string chunk(1 << 16, '\0');
  gzFile file = gzopen(path.c_str(), "rb");
  for (int size = 1; size > 0;) {
    size = gzread(file, chunk.data(), static_cast<unsigned>(chunk.size()));
    text.append(chunk, 0, static_cast<std::size_t>(std::max(size, 0)));
  }
  gzclose(file);
  return text;
}

// Whole values one after the other, and the elements of an array.
std::vector<json::value> read_values(const fs::path& path) {
  const std::string text = read_all(path);
  std::vector<json::value> values;
  for (std::string_view rest = text; !rest.empty();) {
    json::stream_parser parser;
    boost::system::error_code error;
    const std::size_t used = parser.write_some(rest.data(), rest.size(), error);
    rest.remove_prefix(error ? rest.size() : used);
    if (!error && parser.done()) {
      json::value value = parser.release();
      if (value.is_array()) {
        values.insert(values.end(), value.get_array().begin(), value.get_array().end());
      } else {
        values.push_back(std::move(value));
      }
    }
  }
  return values;
}

std::string text_at(const json::value& value, const char* pointer) {
  boost::system::error_code error;
  const json::value* found = value.find_pointer(pointer, error);
  return found != nullptr && found->is_string() ? json::value_to<std::string>(*found) : "";
}

const json::value* value_at(const json::value& value, const char* pointer) {
  boost::system::error_code error;
  return value.find_pointer(pointer, error);
}

std::int64_t number_at(const json::value& value, const char* pointer) {
  boost::system::error_code error;
  const json::value* found = value.find_pointer(pointer, error);
  return found != nullptr && found->is_int64() ? found->get_int64() : -1;
}

// Anonymous gists of 2012 have a null actor.
bool is_event(const json::value& value) {
  return value.is_object() && value.get_object().contains("actor") &&
         !text_at(value, "/type").empty() && !text_at(value, "/created_at").empty();
}

// The noun under which a summary counts the event, written from the payloads and not from our
// events.
std::string noun_of(const json::value& event) {
  const std::string type = text_at(event, "/type");
  const std::string action = text_at(event, "/payload/action");
  if (type == "ReleaseEvent" && (action == "published" || action.empty())) {
    return "release";
  }
  const bool makes_repository = text_at(event, "/payload/ref_type") == "repository" ||
                                text_at(event, "/payload/object") == "repository";
  if (type == "CreateEvent" && makes_repository) {
    return "new repository";
  }
  if (type == "PublicEvent") {
    return "open-sourced repository";
  }
  if (type == "ForkEvent") {
    return "fork";
  }
  if (type == "PullRequestEvent" && action == "opened") {
    return "pull request";
  }
  const json::value* merged = value_at(event, "/payload/pull_request/merged");
  const bool is_merged = (merged != nullptr && merged->is_bool() && merged->get_bool()) ||
                         !text_at(event, "/payload/pull_request/merged_at").empty();
  if (type == "PullRequestEvent" && (action == "merged" || (action == "closed" && is_merged))) {
    return "merged pull request";
  }
  if (type == "PullRequestReviewEvent" &&
      (action == "created" || action == "submitted" || action.empty()) &&
      to_lower(text_at(event, "/payload/review/state")) != "dismissed") {
    return "review";
  }
  if (type == "IssuesEvent" && action == "opened") {
    return "issue";
  }
  if (type == "WatchEvent" && (action == "started" || action.empty())) {
    return "star";
  }
  const bool is_empty = number_at(event, "/payload/distinct_size") == 0 ||
                        number_at(event, "/payload/size") == 0 ||
                        (!text_at(event, "/payload/head").empty() &&
                         text_at(event, "/payload/head") == text_at(event, "/payload/before"));
  return type == "PushEvent" && !is_empty ? "push" : "";
}

// The same for the kinds that are off by default.
std::string noun_off_by_default(const json::value& event) {
  const std::string type = text_at(event, "/type");
  const std::string action = text_at(event, "/payload/action");
  const bool is_created = action == "created" || action.empty();
  if (type == "IssuesEvent" && action == "closed") {
    return "closed issue";
  }
  if ((type == "IssueCommentEvent" || type == "CommitCommentEvent" ||
       type == "PullRequestReviewCommentEvent") &&
      is_created) {
    return "comment";
  }
  if (type == "DiscussionEvent" && is_created) {
    return "discussion";
  }
  const bool makes_tag =
      text_at(event, "/payload/ref_type") == "tag" || text_at(event, "/payload/object") == "tag";
  const bool has_name =
      !text_at(event, "/payload/ref").empty() || !text_at(event, "/payload/object_name").empty();
  if (type == "CreateEvent" && makes_tag && has_name) {
    return "new tag";
  }
  if (type == "GollumEvent") {
    return "wiki edit";
  }
  const bool has_member = !text_at(event, "/payload/member/login").empty() ||
                          !text_at(event, "/payload/member").empty();
  return type == "MemberEvent" && (action == "added" || action.empty()) && has_member
             ? "new collaboration"
             : "";
}

using Counts = std::map<std::string, std::size_t>;

std::string repository_of(const json::value& event) {
  for (const char* pointer : {"/repo/name", "/repo"}) {
    if (const std::string name = text_at(event, pointer); !name.empty()) {
      return to_lower(name);
    }
  }
  return to_lower(text_at(event, "/repository/owner") + "/" + text_at(event, "/repository/name"));
}

// From the payload, else from the address of the event; empty if neither tells.
std::string issue_number(const json::value& event) {
  for (const char* pointer : {"/payload/number", "/payload/issue/number"}) {
    if (const std::int64_t number = number_at(event, pointer); number >= 0) {
      return std::to_string(number);
    }
  }
  const std::string url = text_at(event, "/url");
  const std::size_t at = url.find("/issues/");
  if (at == std::string::npos) {
    return {};
  }
  const std::size_t start = at + std::string_view("/issues/").size();
  const std::size_t end = url.find_first_not_of("0123456789", start);
  return url.substr(start, end == std::string::npos ? end : end - start);
}

// What an event of this noun is about: "owner/name#7" for a pull request, else the repository.
std::string thing_of(const json::value& event, const std::string& noun) {
  for (const char* pointer : {"/payload/number", "/payload/pull_request/number"}) {
    const std::int64_t number = number_at(event, pointer);
    if (noun.ends_with("pull request") && number >= 0) {
      return repository_of(event) + "#" + std::to_string(number);
    }
  }
  if (noun.ends_with("issue")) {
    return repository_of(event) + "#" + issue_number(event);
  }
  if (noun == "new tag" || noun == "release") {
    std::string tag =
        text_at(event, noun == "release" ? "/payload/release/tag_name" : "/payload/ref");
    return repository_of(event) + " " +
           to_lower(tag.empty() ? text_at(event, "/payload/object_name") : tag);
  }
  return repository_of(event);
}

// The noun and thing that are not counted beside this event; nothing for most.
std::string replaced_by(const json::value& event, const std::string& noun) {
  if (noun == "merged pull request") {
    return "pull request " + thing_of(event, noun);
  }
  if (noun == "closed issue") {
    return "issue " + thing_of(event, noun);
  }
  if (noun == "release") {
    return "new tag " + thing_of(event, noun);
  }
  if (noun != "fork") {
    return {};
  }
  const std::string_view web = "https://github.com/";
  std::string made = text_at(event, "/payload/forkee/full_name");
  if (made.empty() && text_at(event, "/url").starts_with(web)) {
    made = text_at(event, "/url").substr(web.size());
  }
  return "new repository " + to_lower(made);
}

// Of an event without an id: 2012 has one twice that differs only in what its repository counts.
std::string identity_of(const json::value& event) {
  std::string identity;
  for (const char* pointer : {"/type", "/actor", "/created_at", "/url", "/payload/action",
                              "/payload/ref", "/payload/head", "/payload/object_name"}) {
    identity += text_at(event, pointer) + "\n";
  }
  return identity;
}

struct HandCount {
  std::size_t events = 0;                       // of any type
  std::map<std::string, Counts> shown;          // by login and noun
  std::map<std::string, std::size_t> activity;  // by login, also what is not shown beside others
};

enum class Kinds : std::uint8_t { usual, all };

// An event that stands twice in the file counts once, and so does a review that several tell of.
HandCount count_by_hand(const fs::path& path, Kinds kinds = Kinds::usual) {
  struct Counted {
    std::string login;
    std::string noun;
    std::string thing;
  };
  HandCount result;
  std::vector<Counted> all;
  std::set<std::string> replaced;
  std::set<std::string> seen;
  std::set<std::string> taken_back;  // reviews
  for (const json::value& event : read_values(path)) {
    if (!is_event(event)) {
      continue;
    }
    ++result.events;
    const json::value* is_public = event.get_object().if_contains("public");
    const std::string id = text_at(event, "/id");
    std::string noun = noun_of(event);
    if (noun.empty() && kinds == Kinds::all) {
      noun = noun_off_by_default(event);
    }
    const std::string login = text_at(event, "/actor").empty() ? text_at(event, "/actor/login")
                                                               : text_at(event, "/actor");
    const bool is_hidden = is_public != nullptr && is_public->is_bool() && !is_public->get_bool();
    const bool has_repository = !text_at(event, "/repo/name").empty() ||
                                !text_at(event, "/repo").empty() ||
                                !text_at(event, "/repository/name").empty();
    const std::int64_t review = number_at(event, "/payload/review/id");
    const std::string thing = noun == "review" && review >= 0 ? "review " + std::to_string(review)
                                                              : thing_of(event, noun);
    if (to_lower(text_at(event, "/payload/review/state")) == "dismissed") {
      taken_back.insert(login + " review " + std::to_string(review));
      ++result.activity[login];
    }
    const std::string identity = thing.starts_with("review ") ? login + " " + thing : id;
    if (!noun.empty() && !login.empty() && !is_hidden && has_repository &&
        !login.ends_with("[bot]") &&
        seen.insert(identity.empty() ? identity_of(event) : identity).second) {
      all.push_back({.login = login, .noun = noun, .thing = thing});
      replaced.insert(login + " " + replaced_by(event, noun));
    }
  }
  for (const auto& [login, noun, thing] : all) {
    ++result.activity[login];
    if (!replaced.contains(login + " " + noun + " " + thing) &&
        !taken_back.contains(login + " " + thing)) {
      ++result.shown[login][noun];
    }
  }
  return result;
}

std::string plural_of(const std::string& noun) {
  if (noun.ends_with("y")) {
    return noun.substr(0, noun.size() - 1) + "ies";
  }
  return noun + (noun.ends_with("sh") ? "es" : "s");
}

// "1 person: 2 issues and 3 pushes"
std::string totals_line(const Counts& counts) {
  std::vector<std::string> parts;
  for (const char* noun :
       {"release", "new repository", "open-sourced repository", "fork", "pull request",
        "merged pull request", "review", "issue", "push", "star"}) {
    if (const auto found = counts.find(noun); found != counts.end()) {
      parts.push_back(count_of(found->second, noun, plural_of(noun)));
    }
  }
  return "1 person: " + join_words(parts) + "\n";
}

std::size_t sum(const Counts& counts) {
  std::size_t total = 0;
  for (const auto& [noun, count] : counts) {
    total += count;
  }
  return total;
}

// The sum of the numbers in "10 people: 18 issues, 193 pushes and 14 stars".
std::size_t total_in(const std::string& text) {
  const std::size_t start = text.find(" people: ");
  REQUIRE(start != std::string::npos);
  std::istringstream words(text.substr(start + 9, text.find('\n', start) - start - 9));
  std::size_t total = 0;
  for (std::string word; words >> word;) {
    total += static_cast<std::size_t>(parse_integer(word).value_or(0));
  }
  return total;
}

void check_against_hand_count(const fs::path& path) {
  CAPTURE(path.string());
  const HandCount by_hand = count_by_hand(path);
  std::vector<std::pair<std::size_t, std::string>> ranking;
  for (const auto& [login, activity] : by_hand.activity) {
    ranking.emplace_back(activity, login);
  }
  std::ranges::sort(ranking, std::greater<>());
  ranking.resize(std::min<std::size_t>(ranking.size(), 10));
  std::size_t of_top_ten = 0;
  for (const auto& [activity, login] : ranking) {
    of_top_ten += sum(by_hand.shown.at(login));
  }
  const Output top = preview(path);
  CHECK(top.errors.find("read " + std::to_string(by_hand.events) + " events, ") !=
        std::string::npos);
  if (ranking.size() > 1) {
    CHECK(total_in(top.text) == of_top_ten);
  }
  for (std::size_t i = 0; i < ranking.size(); i += 4) {
    const std::string& login = ranking[i].second;
    CAPTURE(login);
    const Output one = preview(path, {login});
    const std::string expected = totals_line(by_hand.shown.at(login));
    CAPTURE(expected);
    CAPTURE(one.text);
    CHECK(one.text.find("\n" + expected) != std::string::npos);
  }
}

// What a digest with all kinds counts of each person.
std::map<std::string, Counts> count_by_code(const fs::path& path) {
  std::map<std::string, std::vector<github::Event>> events;
  for (const json::value& value : read_values(path)) {
    if (auto event = github::parse_event(value)) {
      events[event->login].push_back(*std::move(event));
    }
  }
  github_activity::Kinds kinds;
  for (const github_activity::Category& row : github_activity::catalog()) {
    kinds.chosen[std::string(row.key)] = true;
  }
  std::map<std::string, Counts> counts;
  for (auto& [login, theirs] : events) {
    github_activity::Composer composer(
        {.since = TimePoint{}, .until = TimePoint{} + std::chrono::years(130)}, TimeZone::utc(),
        kinds);
    composer.add({.login = login, .events = std::move(theirs)});
    const github_activity::Digest digest = std::move(composer).finish();
    for (const github_activity::Section& section : digest.sections) {
      for (const github_activity::Item& item : section.items) {
        counts[login][std::string(item.category->singular)] = item.count;
      }
    }
  }
  return counts;
}

void check_all_kinds_against_hand_count(const fs::path& path) {
  CAPTURE(path.string());
  const auto by_code = count_by_code(path);
  const auto by_hand = count_by_hand(path, Kinds::all).shown;
  REQUIRE(by_code.size() == by_hand.size());
  for (const auto& [login, counts] : by_hand) {
    CAPTURE(login);
    REQUIRE(by_code.contains(login));
    CHECK(by_code.at(login) == counts);
  }
}

void check_preview(const fs::path& path) {
  CAPTURE(path.string());
  const auto values = read_values(path);
  const bool has_events = std::ranges::any_of(values, is_event);
  const Output output = preview(path);
  CAPTURE(output.errors);
  CHECK(output.exit_code == (has_events ? 0 : 2));
  CHECK(output.text.empty() != has_events);
}

TEST_CASE("the preview reads every recorded answer of the API") {
  for (const char* folder : {"users", "recorded"}) {
    for (const fs::path& path : files_below(folder)) {
      check_preview(path);
    }
  }
}

TEST_CASE("the preview reads every hour of the archive") {
  for (const fs::path& path : files_below("gharchive")) {
    CAPTURE(path.string());
    const Output output = preview(path);
    CHECK(output.exit_code == 0);
    CHECK(output.text.find("10 people: ") != std::string::npos);
  }
}

TEST_CASE("summaries of recorded answers agree with a count by hand") {
  for (const char* folder : {"users", "recorded"}) {
    for (const fs::path& path : files_below(folder)) {
      if (!count_by_hand(path).activity.empty()) {
        check_against_hand_count(path);
      }
    }
  }
}

TEST_CASE("all kinds of activity of everybody agree with a count by hand") {
  for (const char* folder : {"users", "recorded", "gharchive"}) {
    for (const fs::path& path : files_below(folder)) {
      check_all_kinds_against_hand_count(path);
    }
  }
}

// Counted with a script apart from this code, so that a mistake which the count by hand shares with
// the code shows up.
TEST_CASE("repositories given by name alone are counted") {
  for (const fs::path& path : files_below("users/adrianwedd")) {
    if (path.filename() == "2025-07-30_2025-08-07.ndjson") {
      const Output output = preview(path);
      CAPTURE(output.text);
      CHECK(output.errors.find("read 818 events, 0 could not be read") != std::string::npos);
      CHECK(output.text.find("1 person: 3 releases, 3 new repositories, 4 forks, 1 pull request, 5 "
                             "merged pull requests, 225 issues, 143 pushes and 4 stars\n") !=
            std::string::npos);
    }
  }
}

TEST_CASE("summaries of the archive agree with a count by hand") {
  for (const fs::path& path : files_below("gharchive")) {
    check_against_hand_count(path);
  }
}

}  // namespace
}  // namespace bb::app
