#include "sim/slack_request.hpp"

#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "sim/slack_state.hpp"

namespace bb::sim::slack_request {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::string_view bearer = "Bearer ";

object to_object(const http::Parameters& parameters, const std::vector<std::string>& names) {
  object arguments;
  for (const std::string& name : names) {
    if (auto found = parameters.find(name)) {
      arguments[name] = *found;
    }
  }
  return arguments;
}

// Parameters can be asked for by name only, so these are the ones that our methods know.
const std::vector<std::string>& argument_names() {
  static const std::vector<std::string> names = {
      "token",       "channel",      "text",      "blocks",           "metadata",
      "thread_ts",   "unfurl_links", "users",     "unfurl_media",     "user",
      "mrkdwn",      "types",        "limit",     "cursor",           "oldest",
      "latest",      "inclusive",    "return_im", "exclude_archived", "include_all_metadata",
      "attachments", "username",     "ts",        "reply_broadcast"};
  return names;
}

}  // namespace

std::expected<object, std::string> read_arguments(const http::Request& request,
                                                  std::string_view method) {
  object arguments = to_object(request.query, argument_names());
  if (request.method != "POST" || request.body.empty()) {
    return arguments;
  }
  const std::string type = to_lower(request.headers.find("Content-Type").value_or(""));
  if (type.starts_with("application/x-www-form-urlencoded")) {
    const auto form = http::Parameters::parse(request.body);
    if (!form) {
      return std::unexpected("invalid_form_data");
    }
    for (const auto& [name, given] : to_object(*form, argument_names())) {
      arguments[name] = given;
    }
    return arguments;
  }
  if (!type.starts_with("application/json")) {
    return std::unexpected(type.empty() ? "missing_post_type" : "invalid_post_type");
  }
  if (!reads_json(method)) {
    return arguments;
  }
  Result<value> body = json::parse(request.body);
  if (!body) {
    return std::unexpected("invalid_json");
  }
  if (!body->is_object()) {
    return std::unexpected("json_not_object");
  }
  object given = std::move(body->as_object());
  given.erase("token");  // with JSON a token counts only in the header
  return given;
}

std::string token_of(const http::Request& request, const object& arguments) {
  const std::string header = request.headers.find("Authorization").value_or("");
  if (header.starts_with(bearer)) {
    return header.substr(bearer.size());
  }
  return json::string(value(arguments), "token").value_or("");
}

}  // namespace bb::sim::slack_request
