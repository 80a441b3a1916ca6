// Which member is who at GitHub: linking through GitHub's OAuth web flow, and unlinking.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "chat/commands.hpp"
#include "chat/platform.hpp"
#include "features/github_activity/people.hpp"
#include "github/api.hpp"
#include "http/message.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

class Accounts {
 public:
  struct Settings {
    std::string redirect_uri;       // registered at GitHub: BASE_URL/github-integration
    std::string web_url;            // of GitHub
    Secret secret_key;              // PKCE verifiers are derived from it
    bool github_configured = true;  // false: connect says what the organizer has to do
    WishChanged wish_changed;
  };

  Accounts(storage::Database& database, jobs::Queue& queue, jobs::Outbox& outbox,
           github::Api& github, const Clock& clock, Random& random, chat::Renderer render,
           Settings settings);

  // connect, reconnect, disconnect.
  std::vector<chat::Command> commands();

  // GET /github-integration?code&state (or ?error&state): GitHub sends the member's browser here.
  // Answers with a page that says what happened; the member gets a direct message that says the
  // same.
  http::Response callback(const http::Request& request);

  // Removes states that expired before `before`.
  static std::int64_t clean_states(storage::Connection& connection, TimePoint before);

 private:
  // Who started the flow that a state belongs to.
  struct Pending {
    WorkspaceId workspace;
    UserId user;
    ChannelId channel;
  };
  enum class StateProblem { unknown, used };
  struct UsedState {
    Pending pending;
    bool expired = false;
  };

  chat::Message connect(storage::Connection& connection, const chat::Caller& caller);
  chat::Message reconnect(storage::Connection& connection, const chat::Caller& caller);
  chat::Message disconnect(storage::Connection& connection, const chat::Caller& caller);
  // Stands for a member who disconnected, of whom nothing else is kept.
  [[nodiscard]] std::string alias_of(const WorkspaceId& workspace, const UserId& user) const;
  std::string start_link(storage::Connection& connection, const chat::Caller& caller);

  std::expected<UsedState, StateProblem> use_state(std::string_view state);
  void note_turned_away();
  http::Response identify(const Pending& pending, const std::string& state,
                          const std::string& code);
  http::Response link(const Pending& pending, std::string_view state,
                      const github::Account& account);
  http::Response refuse(const Pending& pending, std::string_view state, int status,
                        std::string_view title, std::string_view explanation);
  void tell(storage::Connection& connection, const Pending& pending, std::string_view state,
            const chat::Message& message);

  storage::Database& database_;
  jobs::Queue& queue_;
  jobs::Outbox& outbox_;
  github::Api& github_;
  const Clock& clock_;
  Random& random_;
  chat::Renderer render_;
  Settings settings_;
  // Sign-ins wait for GitHub on HTTP workers; the others stay free for Slack's events.
  std::counting_semaphore<> sign_ins_{3};
  struct TurnedAway {
    std::size_t count = 0;  // since it was logged
    std::optional<TimePoint> logged_at;
  };
  Guarded<TurnedAway> turned_away_;
};

}  // namespace bb::github_activity
