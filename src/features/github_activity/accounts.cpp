#include "features/github_activity/accounts.hpp"

#include <expected>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "crypto/crypto.hpp"
#include "features/github_activity/export.hpp"
#include "features/github_activity/history.hpp"
#include "features/github_activity/pages.hpp"
#include "features/github_activity/pauses.hpp"
#include "features/github_activity/polling.hpp"
#include "features/github_activity/replies.hpp"
#include "features/github_activity/summary.hpp"

namespace bb::github_activity {
namespace {

using chat::Message;
using chat::Style;

constexpr std::chrono::minutes state_lifetime(10);
constexpr std::chrono::seconds callback_deadline(12);  // a browser is waiting
constexpr std::size_t longest_state = 100;
constexpr std::size_t longest_code = 1000;

// An answer with the button that leads to GitHub.
Message with_button(std::string text, const std::string& url) {
  return reply({chat::Section{.text = {{.text = std::move(text)}}},
                chat::Buttons{.buttons = {{.label = "Sign in with GitHub", .url = url}}}});
}

std::string state_hash(std::string_view state) {
  return crypto::to_hex(crypto::sha256(state));
}

// RFC 7636 wants 43 to 128 characters; 32 octets give 43.
std::string code_verifier(const Secret& secret_key, std::string_view state) {
  return crypto::to_base64url(crypto::hmac_sha256(secret_key, "pkce:" + std::string(state)));
}

// One of the few sign-ins that may wait for GitHub at the same time, if there is one left.
class SignInSlot {
 public:
  explicit SignInSlot(std::counting_semaphore<>& slots)
      : slots_(slots), is_free_(slots.try_acquire()) {}
  ~SignInSlot() {
    if (is_free_) {
      slots_.release();
    }
  }
  SignInSlot(const SignInSlot&) = delete;
  SignInSlot& operator=(const SignInSlot&) = delete;

  [[nodiscard]] bool is_free() const { return is_free_; }

 private:
  std::counting_semaphore<>& slots_;
  bool is_free_;
};

std::optional<github::Account> account_of(storage::Connection& connection,
                                          const WorkspaceId& workspace, const UserId& user) {
  const storage::Rows rows = connection.query(
      "SELECT github_id, login FROM github_account WHERE workspace_id = $1 AND user_id = $2",
      {workspace, user});
  if (rows.empty()) {
    return std::nullopt;
  }
  return github::Account{.id = rows[0].integer(0), .login = rows[0].text(1)};
}

// For LIKE ... ESCAPE '!': a login may have an underscore.
std::string escape_pattern(std::string_view login) {
  std::string escaped;
  for (const char c : to_lower(login)) {
    escaped += (c == '_' || c == '%' || c == '!' ? "!" : "") + std::string(1, c);
  }
  return escaped;
}

// Removes what was collected about a GitHub account that no member has linked any more.
void forget_unlinked(storage::Connection& connection, const github::Account& account) {
  const bool still_linked =
      !connection.query("SELECT 1 FROM github_account WHERE github_id = $1 LIMIT 1", {account.id})
           .empty();
  if (still_linked) {
    Polling::pause_if_unwanted(connection, account.id);  // those who are left may have paused
    return;
  }
  connection.execute(
      "DELETE FROM digest_event WHERE event_id IN (SELECT event_id FROM activity WHERE github_id = "
      "$1)",
      {account.id});
  connection.execute("DELETE FROM activity WHERE github_id = $1", {account.id});
  connection.execute("DELETE FROM poll_state WHERE github_id = $1", {account.id});
  // What GitHub was asked about repositories of others names nobody.
  connection.execute("DELETE FROM enrichment WHERE subject LIKE $1 ESCAPE '!'",
                     {"%:" + escape_pattern(account.login) + "/%"});
}

std::string what_follows(bool is_paused, bool linked_by_another) {
  return std::string(
             is_paused
                 ? "You paused before: say resume to be part of our summaries again."
                 : "Your public activity is part of our summaries, beginning with the next one and "
                   "all that it covers: say preview to see what that is now.") +
         (linked_by_another ? " Another member of this workspace has linked the same account; if "
                              "that surprises you, ask an organizer."
                            : "") +
         " Not you? Say disconnect.";
}

}  // namespace

Accounts::Accounts(storage::Database& database, jobs::Queue& queue, jobs::Outbox& outbox,
                   github::Api& github, const Clock& clock, Random& random, chat::Renderer render,
                   Settings settings)
    : database_(database),
      queue_(queue),
      outbox_(outbox),
      github_(github),
      clock_(clock),
      random_(random),
      render_(render),
      settings_(std::move(settings)) {}

std::vector<chat::Command> Accounts::commands() {
  const auto bind = [this](Message (Accounts::*run)(storage::Connection&, const chat::Caller&)) {
    return [this, run](storage::Connection& connection, const chat::Caller& caller,
                       std::string_view) { return (this->*run)(connection, caller); };
  };
  return {
      {"connect", "", "links your GitHub account", bind(&Accounts::connect)},
      {"reconnect", "", "links another GitHub account instead", bind(&Accounts::reconnect)},
      {"disconnect", "", "removes the link and everything I stored about you",
       bind(&Accounts::disconnect)},
  };
}

Message Accounts::connect(storage::Connection& connection, const chat::Caller& caller) {
  if (const auto account = account_of(connection, caller.workspace, caller.user)) {
    const std::string before = "You are already linked to the GitHub account ";
    const std::string after = ". Say reconnect to link another one, or disconnect to remove it.";
    return reply({chat::Section{
        .text = {{.text = before},
                 {.text = account->login, .url = profile_url(settings_.web_url, account->login)},
                 {.text = after}}}});
  }
  return reconnect(connection, caller);
}

Message Accounts::reconnect(storage::Connection& connection, const chat::Caller& caller) {
  if (!settings_.github_configured) {
    return reply(
        "I cannot link GitHub accounts yet: whoever runs me has to set GITHUB_APP_CLIENT_ID and "
        "GITHUB_APP_CLIENT_SECRET first.");
  }
  return with_button(
      "Show GitHub who you are, and I will include your public activity in our summaries. I ask "
      "for "
      "no access to your account. The link works once, for ten minutes.",
      start_link(connection, caller));
}

std::string Accounts::start_link(storage::Connection& connection, const chat::Caller& caller) {
  const std::string state = crypto::to_base64url(random_.bytes(32));
  const TimePoint now = clock_.now();
  connection.execute(
      "INSERT INTO oauth_state (state_hash, workspace_id, user_id, dm_channel, created_at, "
      "expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
      {state_hash(state), caller.workspace, caller.user, caller.channel, now,
       now + state_lifetime});
  const std::string challenge =
      crypto::to_base64url(crypto::sha256(code_verifier(settings_.secret_key, state)));
  return github_.authorize_url(settings_.redirect_uri, state, challenge);
}

Message Accounts::disconnect(storage::Connection& connection, const chat::Caller& caller) {
  const auto account = account_of(connection, caller.workspace, caller.user);
  connection.execute("DELETE FROM oauth_state WHERE workspace_id = $1 AND user_id = $2",
                     {caller.workspace, caller.user});
  outbox_.erase(connection, caller.workspace, caller.user, caller.channel);
  for (const std::string& digest : digests_showing(connection, caller.workspace, caller.user)) {
    jobs::Outbox::forget_failed(connection, delivery_prefix(JobId{digest}));
  }
  Exports::forget(connection, caller.workspace, caller.user);
  // What the member wrote after this message is still to be answered.
  queue_.erase(connection, caller.workspace, caller.user, caller.asked_at);
  if (!account) {
    forget(connection, caller.workspace, caller.user);
    return reply("You have no GitHub account linked, so there was nothing to remove.");
  }
  const storage::Rows removed = connection.query(
      "DELETE FROM github_account WHERE workspace_id = $1 AND user_id = $2 RETURNING paused_at",
      {caller.workspace, caller.user});
  hide_pauses(connection, caller.workspace, caller.user, alias_of(caller.workspace, caller.user),
              removed.at(0).optional_time(0).value_or(clock_.now()));
  settings_.wish_changed(connection, caller.workspace, caller.user);
  forget(connection, caller.workspace, caller.user);
  forget_unlinked(connection, *account);
  log::info("account_unlinked", {{"user", caller.user.value}});
  return reply("Done. The link to " + account->login +
               " is gone, and so is everything I had stored about you. Say connect to come back.");
}

std::string Accounts::alias_of(const WorkspaceId& workspace, const UserId& user) const {
  return crypto::to_hex(
      crypto::hmac_sha256(settings_.secret_key, "member:" + workspace.value + ":" + user.value));
}

// Each state is used once, by whoever comes first with it; an expired one too, so that its member
// is told once.
std::expected<Accounts::UsedState, Accounts::StateProblem> Accounts::use_state(
    std::string_view state) {
  return database_.write([&](storage::Connection& connection)
                             -> std::expected<UsedState, StateProblem> {
    const std::string hash = state_hash(state);
    const TimePoint now = clock_.now();
    const storage::Rows rows = connection.query(
        "UPDATE oauth_state SET used_at = $1 WHERE state_hash = $2 AND used_at IS NULL RETURNING "
        "workspace_id, user_id, dm_channel, expires_at",
        {now, hash});
    if (!rows.empty()) {
      return UsedState{.pending = {.workspace = {rows[0].text(0)},
                                   .user = {rows[0].text(1)},
                                   .channel = {rows[0].text(2)}},
                       .expired = rows[0].time(3) <= now};
    }
    const bool known =
        !connection.query("SELECT 1 FROM oauth_state WHERE state_hash = $1", {hash}).empty();
    return std::unexpected(known ? StateProblem::used : StateProblem::unknown);
  });
}

http::Response Accounts::callback(const http::Request& request) {
  const std::string state = request.query.find("state").value_or("");
  const std::string code = request.query.find("code").value_or("");
  const auto error = request.query.find("error");
  if (state.empty() || state.size() > longest_state || code.size() > longest_code ||
      (code.empty() && !error)) {
    return http::html_response(
        400, result_page("This link is incomplete",
                         "Nothing was linked. Say connect to Busy Beaver to get a new link."));
  }
  const SignInSlot slot(sign_ins_);
  if (!slot.is_free()) {
    http::Response response = http::html_response(
        503, result_page("One moment, please",
                         "Several people are signing in right now. This page loads itself again in "
                         "a few seconds; your link still works.",
                         "Please leave it open."));
    response.headers.set("Retry-After", "3");
    response.headers.set("Refresh", "3");
    note_turned_away();
    return response;
  }
  const auto used = use_state(state);
  if (!used) {
    return used.error() == StateProblem::unknown
               ? http::html_response(400, result_page("This link is not known",
                                                      "Nothing was linked. Say connect to Busy "
                                                      "Beaver to get a new link."))
               : http::html_response(400, result_page("This link was used already",
                                                      "Each link works once. Busy Beaver told you "
                                                      "in a direct message what came of it. Say "
                                                      "connect to get a new link."));
  }
  if (used->expired) {
    return refuse(used->pending, state, 400, "This link has expired",
                  "Links work for ten minutes. Nothing was linked. Say connect to Busy Beaver to "
                  "get a new one.");
  }
  if (error) {
    const bool denied = *error == "access_denied";
    log::info("account_link_refused", {{"error", truncate(*error, 60)}});
    return refuse(used->pending, state, denied ? 200 : 400,
                  denied ? "You said no, and that is fine" : "GitHub refused the request",
                  denied
                      ? "Nothing was linked. Say connect whenever you change your mind."
                      : "Nothing was linked. Please tell whoever runs Busy Beaver that its OAuth "
                        "app at GitHub needs attention.");
  }
  return identify(used->pending, state, code);
}

// One line a minute, however many there are.
void Accounts::note_turned_away() {
  constexpr std::chrono::minutes quiet(1);
  const TimePoint now = clock_.now();
  const std::size_t count = turned_away_.with([&](TurnedAway& turned_away) -> std::size_t {
    ++turned_away.count;
    if (turned_away.logged_at && now - *turned_away.logged_at < quiet) {
      return 0;
    }
    turned_away.logged_at = now;
    return std::exchange(turned_away.count, 0);
  });
  if (count > 0) {
    log::warning("sign_ins_turned_away", {{"count", count}});
  }
}

http::Response Accounts::identify(const Pending& pending, const std::string& state,
                                  const std::string& code) {
  const Result<github::Account> account = github_.identify(
      code, code_verifier(settings_.secret_key, state), settings_.redirect_uri, callback_deadline);
  if (account) {
    return link(pending, state, *account);
  }
  log::warning("account_link_failed",
               {{"code", to_string(account.error().code)}, {"error", account.error().message}});
  if (account.error().code == ErrorCode::unauthorized) {
    return refuse(pending, state, 400, "GitHub did not accept the sign-in",
                  "Nothing was linked. Say connect to Busy Beaver to try again.");
  }
  return refuse(pending, state, 502, "GitHub did not answer",
                "Nothing was linked, and it is not your fault. Say connect to Busy Beaver in a few "
                "minutes to try again.");
}

http::Response Accounts::refuse(const Pending& pending, std::string_view state, int status,
                                std::string_view title, std::string_view explanation) {
  database_.write([&](storage::Connection& connection) {
    tell(connection, pending, state, reply(std::string(title) + ". " + std::string(explanation)));
  });
  return http::html_response(status, result_page(title, explanation));
}

http::Response Accounts::link(const Pending& pending, std::string_view state,
                              const github::Account& account) {
  enum class Linked { no, alone, shared };
  const Linked linked = database_.write([&](storage::Connection& connection) {
    const bool still_wanted =
        !connection.query("SELECT 1 FROM oauth_state WHERE state_hash = $1", {state_hash(state)})
             .empty();
    if (!still_wanted) {
      return Linked::no;  // the member said disconnect while GitHub was asked
    }
    const auto previous = account_of(connection, pending.workspace, pending.user);
    const TimePoint now = clock_.now();
    connection.execute(
        "INSERT INTO github_account (workspace_id, user_id, dm_channel, github_id, login, "
        "linked_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, user_id) DO UPDATE SET "
        "dm_channel = excluded.dm_channel, github_id = excluded.github_id, login = excluded.login, "
        "linked_at = excluded.linked_at",
        {pending.workspace, pending.user, pending.channel, account.id, account.login, now});
    if (previous && previous->id != account.id) {
      settings_.wish_changed(connection, pending.workspace, pending.user);
      forget_unlinked(connection, *previous);
    }
    recall_pauses(connection, pending.workspace, alias_of(pending.workspace, pending.user),
                  pending.user, now);
    Polling::add(connection, queue_, account.id, now);
    Polling::pause_if_unwanted(connection, account.id);
    const auto member = linked_member(connection, pending.workspace, pending.user);
    const bool linked_by_another =
        !connection
             .query(
                 "SELECT 1 FROM github_account WHERE github_id = $1 AND workspace_id = $2 AND "
                 "user_id <> $3 LIMIT 1",
                 {account.id, pending.workspace, pending.user})
             .empty();
    tell(connection, pending, state,
         reply({chat::Section{
             .text = {
                 {.text = "You are now linked to the GitHub account "},
                 {.text = account.login, .url = profile_url(settings_.web_url, account.login)},
                 {.text = ". " + what_follows(member && member->paused_at, linked_by_another)}}}}));
    return linked_by_another ? Linked::shared : Linked::alone;
  });
  if (linked == Linked::no) {
    return http::html_response(
        400, result_page("You disconnected meanwhile",
                         "Nothing was linked. Say connect to Busy Beaver to get a new link."));
  }
  log::info("account_linked", {{"user", pending.user.value}, {"github_id", account.id}});
  if (linked == Linked::shared) {
    log::warning("account_shared", {{"user", pending.user.value}, {"github_id", account.id}});
  }
  return http::html_response(
      200,
      result_page("You are linked as " + account.login,
                  "Busy Beaver will include your public activity on GitHub in its summaries. It "
                  "has no access to your account."));
}

void Accounts::tell(storage::Connection& connection, const Pending& pending, std::string_view state,
                    const Message& message) {
  outbox_.add(connection, {.idempotency_key = "link:" + state_hash(state),
                           .workspace_id = pending.workspace.value,
                           .channel = pending.channel,
                           .subject = pending.user,
                           .rendered = render_(message),
                           .audience = jobs::Audience::person,
                           .priority = jobs::Priority::answer});
}

std::int64_t Accounts::clean_states(storage::Connection& connection, TimePoint before) {
  return connection.execute("DELETE FROM oauth_state WHERE expires_at < $1", {before});
}

}  // namespace bb::github_activity
