#include "github/api.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "base/log.hpp"
#include "github/api_answer.hpp"
#include "github/api_request.hpp"
#include "github/credentials.hpp"
#include "github/pipeline.hpp"

namespace bb::github {
namespace {

using std::chrono::milliseconds;

constexpr int identify_calls = 3;
constexpr std::chrono::seconds account_time{5};  // the answer is short, and others are waiting

std::string without_trailing_slashes(std::string url) {
  while (url.ends_with('/')) {
    url.pop_back();
  }
  return url;
}

Result<Account> take_account(const Result<http::Response>& response, TimePoint now) {
  const auto body = json_of(response, now);
  if (!body) {
    return fail(body.error());
  }
  const auto id = json::required_integer(*body, "id");
  const auto login = json::required_string(*body, "login");
  if (!id || !login) {
    return fail(id ? login.error() : id.error());
  }
  if (*id <= 0 || !names_a_user(*login)) {
    return fail(ErrorCode::bad_response, "'id' or 'login' is not one of an account");
  }
  return Account{.id = *id, .login = *login};
}

void limit_time(http::ClientRequest& request, milliseconds share) {
  request.total_time = std::max(share, milliseconds(1));
  request.connect_time = request.total_time;
}

// Error codes of OAuth are words; anything else is not repeated, as it may hold what was sent.
std::string error_word(std::string_view error) {
  const bool word = error.size() <= 64 && std::ranges::all_of(error, [](char c) {
                      return (c >= 'a' && c <= 'z') || c == '_';
                    });
  return std::string(word && !error.empty() ? error : "unknown_error");
}

// Refusals arrive with status 200 and an `error`.
Result<Secret> take_token(const Result<http::Response>& response, TimePoint now) {
  if (!response) {
    return fail(unread(response.error()));
  }
  const auto body = json::parse(response->body);
  if (body && response->status < 500 && response->status != 429) {
    if (const auto error = json::string(*body, "error")) {
      return fail(ErrorCode::unauthorized, "GitHub refused the code: " + error_word(*error));
    }
  }
  if (response->status != 200) {
    return fail(refusal(*response, now));
  }
  const std::string token = body ? json::string(*body, "access_token").value_or("") : "";
  const bool usable =
      !token.empty() && std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7F'; });
  if (!usable) {
    return fail(ErrorCode::bad_response, "the answer has no 'access_token'");
  }
  return Secret(token);
}

http::ClientRequest token_request(const Settings& settings, std::string_view code,
                                  std::string_view code_verifier, std::string_view redirect_uri) {
  http::Parameters form;
  form.add("client_id", settings.client_id);
  form.add("client_secret", settings.client_secret.reveal());
  form.add("code", code);
  form.add("code_verifier", code_verifier);
  form.add("redirect_uri", redirect_uri);
  return {.method = "POST",
          .url = settings.web_url + "/login/oauth/access_token",
          .headers = {{"Accept", "application/json"},
                      {"Content-Type", "application/x-www-form-urlencoded"}},
          .body = form.encode()};
}

http::ClientRequest revocation_request(const Settings& settings, const Secret& token) {
  http::ClientRequest request = api_request(
      "DELETE", settings.api_url + "/applications/" + path_segment(settings.client_id) + "/token",
      basic(settings));
  request.headers.set("Content-Type", "application/json");
  request.body = boost::json::serialize(boost::json::object{{"access_token", token.reveal()}});
  return request;
}

}  // namespace

Api::Api(http::Client& client, const Clock& clock, Settings settings)
    : client_(client),
      clock_(clock),
      settings_(std::move(settings)),
      credentials_(std::make_unique<Credentials>(settings_, clock)) {
  settings_.api_url = without_trailing_slashes(std::move(settings_.api_url));
  settings_.web_url = without_trailing_slashes(std::move(settings_.web_url));
}

Api::~Api() = default;

Budget Api::budget(Resource resource) const {
  return credentials_->budget(resource);
}

void Api::accounts_by_id(std::span<const std::int64_t> ids, std::size_t concurrency,
                         const std::function<void(std::size_t, Result<Account>)>& done,
                         std::optional<TimePoint> until) {
  const Deadline deadline(clock_, until);
  const auto turn = turns_.take(deadline);
  if (!turn) {
    return;
  }
  std::vector<std::string> numbers;
  for (const std::int64_t id : ids) {
    numbers.push_back(std::to_string(id));
  }
  Pipeline pipeline(
      client_, *credentials_, deadline, *turn,
      {.key = [&](const auto& task) { return std::string_view(numbers[task.index]); },
       .request =
           [&](const auto& task, const std::string& authorization) {
             http::ClientRequest request = api_request(
                 "GET", settings_.api_url + "/user/" + numbers[task.index], authorization);
             limit_time(request, account_time);
             return request;
           },
       .take =
           [&](const auto& task, const Result<http::Response>& response) {
             Result<Account> account = take_account(response, clock_.now());
             if (!account) {
               account = fail(about_user(account.error())
                                  .within("looking up GitHub account " + numbers[task.index]));
             }
             done(task.index, std::move(account));
             return false;
           }});
  for (std::size_t i = 0; i < ids.size(); ++i) {
    pipeline.add(i);
  }
  pipeline.run(concurrency);
}

Result<Account> Api::account_by_id(std::int64_t id) {
  Result<Account> found = fail(ErrorCode::internal, "not asked");
  accounts_by_id(std::span(&id, 1), 1,
                 [&](std::size_t, Result<Account> account) { found = std::move(account); });
  return found;
}

std::string Api::authorize_url(std::string_view redirect_uri, std::string_view state,
                               std::string_view code_challenge) const {
  http::Parameters query;
  query.add("client_id", settings_.client_id);
  query.add("redirect_uri", redirect_uri);
  query.add("scope", "");
  query.add("state", state);
  query.add("code_challenge", code_challenge);
  query.add("code_challenge_method", "S256");
  return settings_.web_url + "/login/oauth/authorize?" + query.encode();
}

Result<Account> Api::identify(std::string_view code, std::string_view code_verifier,
                              std::string_view redirect_uri, milliseconds deadline) {
  const milliseconds share = deadline / identify_calls;
  http::ClientRequest exchange = token_request(settings_, code, code_verifier, redirect_uri);
  limit_time(exchange, share);
  const auto token = take_token(client_.send(exchange), clock_.now());
  if (!token) {
    return fail(token.error().within("exchanging the code"));
  }
  http::ClientRequest who = api_request("GET", settings_.api_url + "/user", bearer(*token));
  limit_time(who, share);
  auto account = take_account(client_.send(who), clock_.now());

  http::ClientRequest revocation = revocation_request(settings_, *token);
  limit_time(revocation, share);
  const auto revoked = client_.send(revocation);
  if (!revoked) {
    log::warning("github_token_not_revoked", {{"error", revoked.error().message}});
  } else if (revoked->status != 204) {
    log::warning("github_token_not_revoked", {{"status", revoked->status}});
  }
  if (!account) {
    return fail(account.error().within("reading the account"));
  }
  return account;
}

}  // namespace bb::github
