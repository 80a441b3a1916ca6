#include "sim/github_state.hpp"

#include <utility>

#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"

namespace bb::sim {
namespace {

constexpr int longest_history = 10'000;  // pushes that one comparison follows

}  // namespace

std::optional<std::int64_t> GitHubRepository::commits_between(const std::string& before,
                                                              const std::string& head) const {
  if (const auto set = commit_counts.find(before + "..." + head); set != commit_counts.end()) {
    return set->second;
  }
  std::string at = head;
  for (std::int64_t count = 0; count < longest_history; ++count) {
    const auto push = pushes.find(at);
    if (at == before) {
      return count > 0 || push != pushes.end() ? std::optional(count) : std::nullopt;
    }
    if (push == pushes.end()) {
      return std::nullopt;
    }
    at = push->second;
  }
  return std::nullopt;
}

void GitHubPeople::add(std::int64_t id, std::string login) {
  ids_[to_lower(login)] = id;
  by_id_.insert_or_assign(id, GitHubUser{.id = id, .login = std::move(login)});
}

GitHubUser* GitHubPeople::any(std::string_view login) {
  const auto id = ids_.find(to_lower(login));
  const auto user = id == ids_.end() ? by_id_.end() : by_id_.find(id->second);
  return user == by_id_.end() ? nullptr : &user->second;
}

void GitHubPeople::rename(std::string_view login, std::string new_login) {
  if (GitHubUser* user = any(login)) {
    ids_.erase(to_lower(login));
    ids_[to_lower(new_login)] = user->id;
    user->login = std::move(new_login);
  }
}

void GitHubPeople::suspend(std::string_view login) {
  if (GitHubUser* user = any(login)) {
    user->is_suspended = true;
  }
}

void GitHubPeople::remove(std::string_view login) {
  if (const GitHubUser* user = any(login)) {
    by_id_.erase(user->id);
    ids_.erase(to_lower(login));
  }
}

const GitHubUser* GitHubPeople::find(std::string_view login) const {
  const auto id = ids_.find(to_lower(login));
  return id == ids_.end() ? nullptr : find(id->second);
}

const GitHubUser* GitHubPeople::find(std::int64_t id) const {
  const auto user = by_id_.find(id);
  return user == by_id_.end() || user->second.is_suspended ? nullptr : &user->second;
}

const GitHubRepository* GitHubState::find_repository(std::string_view name) const {
  const auto found = repositories.find(to_lower(name));
  return found == repositories.end() ? nullptr : &found->second;
}

GitHubRepository& GitHubState::repository(std::string_view name) {
  return repositories[to_lower(name)];
}

void GitHubState::add_event(std::int64_t actor, GitHubEvent event) {
  GitHubRepository& about = repository(event.data.repo);
  if (event.data.type == "ReleaseEvent") {
    ++about.releases;
  } else if (event.data.type == "PushEvent") {
    const auto payload = json::parse(event.data.payload);
    const auto before = payload ? json::string(*payload, "before") : std::nullopt;
    const auto head = payload ? json::string(*payload, "head") : std::nullopt;
    if (before && head && *before != *head) {
      about.pushes.insert_or_assign(*head, *before);
    }
  }
  events[actor].push_back(std::move(event));
}

}  // namespace bb::sim
