// Everything that is stored about a member, as a file behind a link that works for an hour.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "chat/message.hpp"
#include "features/github_activity/replies.hpp"
#include "http/message.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

class Exports {
 public:
  static constexpr std::chrono::hours lifetime{1};

  // `url` is where download() answers: BASE_URL/export.
  Exports(storage::Database& database, const Clock& clock, Random& random, std::string url)
      : database_(database), clock_(clock), random_(random), url_(std::move(url)) {}

  // The answer to `export`: a button with a new link.
  chat::Message offer(storage::Connection& connection, const Asked& asked);

  // GET /export?token: the file. Any number of times, as a link preview may come first.
  http::Response download(const http::Request& request);

  // After these their links are of no use.
  static std::int64_t clean(storage::Connection& connection, TimePoint now);
  static void forget(storage::Connection& connection, const WorkspaceId& workspace,
                     const UserId& user);

 private:
  storage::Database& database_;
  const Clock& clock_;
  Random& random_;
  std::string url_;
};

}  // namespace bb::github_activity
