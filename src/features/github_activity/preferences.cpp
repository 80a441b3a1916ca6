#include "features/github_activity/preferences.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"

namespace bb::github_activity {
namespace {

boost::json::array array_of(const std::set<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

std::set<std::string> texts_at(const boost::json::value& object, std::string_view key) {
  std::set<std::string> texts;
  if (const boost::json::array* array = json::array(object, key)) {
    for (const boost::json::value& element : *array) {
      if (element.is_string()) {
        texts.emplace(element.get_string());
      }
    }
  }
  return texts;
}

}  // namespace

std::string to_json(const Preferences& preferences) {
  return boost::json::serialize(
      boost::json::object{{"mention", preferences.mention},
                          {"hidden_kinds", array_of(preferences.hidden_kinds)},
                          {"hidden_repositories", array_of(preferences.hidden_repositories)}});
}

Result<Preferences> parse_preferences(std::string_view text) {
  const Result<boost::json::value> parsed = json::parse(text);
  if (!parsed) {
    return fail(parsed.error().within("preferences"));
  }
  return Preferences{.mention = json::boolean(*parsed, "mention").value_or(true),
                     .hidden_kinds = texts_at(*parsed, "hidden_kinds"),
                     .hidden_repositories = texts_at(*parsed, "hidden_repositories")};
}

void store_preferences(storage::Connection& connection, const WorkspaceId& workspace,
                       const UserId& user, const Preferences& preferences) {
  connection.execute(
      "UPDATE github_account SET preferences = $1 WHERE workspace_id = $2 AND user_id = $3",
      {to_json(preferences), workspace, user});
}

}  // namespace bb::github_activity
