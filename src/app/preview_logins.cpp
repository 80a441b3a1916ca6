#include "app/preview_logins.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <set>
#include <system_error>

#include "base/text.hpp"

namespace bb::app {
namespace {

bool is_login(std::string_view login) {
  return !login.empty() && login.size() <= 100 && std::ranges::all_of(login, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '[' || c == ']';
  });
}

Result<std::string> parse_login(std::string_view text) {
  text.remove_prefix(text.starts_with('@') ? 1 : 0);
  if (!is_login(text)) {
    return fail(ErrorCode::invalid_input, "'" + truncate(escape_control(text), 60) +
                                              "' is not a GitHub login such as octocat");
  }
  return std::string(text);
}

Result<std::vector<std::string>> read_logins(const std::string& path) {
  const std::string name = "'" + escape_control(path) + "'";
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return fail(ErrorCode::invalid_input, name + " is a folder, not a file");
  }
  std::ifstream in(path);
  if (!in) {
    return fail(ErrorCode::not_found,
                name + " cannot be read: " + std::generic_category().message(errno));
  }
  std::vector<std::string> logins;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::string_view text = trim(std::string_view(line).substr(0, line.find('#')));
    if (text.empty()) {
      continue;
    }
    auto login = parse_login(text);
    if (!login) {
      return fail(login.error().within(name + " line " + std::to_string(number)));
    }
    logins.push_back(*std::move(login));
  }
  if (logins.empty()) {
    return fail(ErrorCode::invalid_input, "there is no login in " + name + ", one a line");
  }
  return logins;
}

}  // namespace

Result<std::vector<std::string>> collect_logins(const PreviewOptions& options, std::ostream& err) {
  std::vector<std::string> all;
  for (const std::string& text : options.logins) {
    auto login = parse_login(text);
    if (!login) {
      return fail(login.error().within("--login"));
    }
    all.push_back(*std::move(login));
  }
  if (options.logins_file) {
    const auto more = read_logins(*options.logins_file);
    if (!more) {
      return fail(more.error().within("--logins-file"));
    }
    all.insert(all.end(), more->begin(), more->end());
  }
  std::vector<std::string> logins;
  std::set<std::string> seen;
  for (const std::string& login : all) {
    const std::string key = to_lower(login);
    if (!seen.insert(key).second) {
      continue;
    }
    if (key.ends_with("[bot]")) {
      err << "busy-beaver: " << login << ": bots are never shown\n";
    } else {
      logins.push_back(login);
    }
  }
  if (logins.empty() && !all.empty()) {
    return fail(ErrorCode::invalid_input, "nobody is left to show");
  }
  return logins;
}

}  // namespace bb::app
