#include "github/credentials.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "github/api_answer.hpp"
#include "github/api_request.hpp"
#include "http/client.hpp"

namespace bb::github {
namespace {

using std::chrono::seconds;

constexpr seconds refusal_time{60 * 60};
constexpr seconds shortest_guess{60};
constexpr seconds longest_guess{60 * 60};
constexpr seconds longest_wait{24 * 60 * 60};

// What GitHub allows an hour, until it has told.
constexpr std::int64_t usual_limit = 5'000;
constexpr std::int64_t anonymous_limit = 60;

constexpr std::string_view tokens_name = "GITHUB_OAUTH_TOKEN";
constexpr std::string_view app_name = "GITHUB_APP_CLIENT_ID with GITHUB_APP_CLIENT_SECRET";

// FNV-1a without regard to case: the same in every process, as ETags outlive one.
std::size_t stable_hash(std::string_view key) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const char c : key) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    hash = (hash ^ static_cast<unsigned char>(lower)) * 1'099'511'628'211U;
  }
  return static_cast<std::size_t>(hash ^ (hash >> 32U));
}

// The resource that the answer's x-ratelimit-* headers are about; nothing where it is not ours.
std::optional<Resource> resource_of(const http::Headers& headers, Resource asked) {
  const auto named = headers.find("x-ratelimit-resource");
  if (!named) {
    return asked;
  }
  if (*named == "core") {
    return Resource::core;
  }
  return *named == "graphql" ? std::optional(Resource::graphql) : std::nullopt;
}

std::size_t place_of(Resource resource) {
  return resource == Resource::core ? 0 : 1;
}

bool is_secondary(const http::Response& response) {
  return to_lower(std::string_view(response.body).substr(0, 4096)).contains("secondary rate limit");
}

}  // namespace

Credentials::Credentials(const Settings& settings, const Clock& clock) : clock_(clock) {
  for (std::size_t i = 0; i < settings.tokens.size(); ++i) {
    const std::string name = settings.tokens.size() == 1 ? std::string(tokens_name)
                                                         : "token " + std::to_string(i + 1) +
                                                               " of " + std::string(tokens_name);
    known_.push_back({.name = name, .authorization = Secret(bearer(settings.tokens[i]))});
  }
  if (!settings.client_id.empty() && !settings.client_secret.empty()) {
    known_.push_back({.name = std::string(app_name), .authorization = Secret(basic(settings))});
  }
  if (known_.empty()) {
    known_.push_back({.name = {}, .authorization = {}});
  }
  states_.with([this](std::vector<State>& states) { states.resize(known_.size()); });
}

TimePoint Credentials::usable_at(const State& state, Resource resource) {
  return std::max({state.allowances.at(place_of(resource)).used_up_until, state.resting_until,
                   state.refused_until});
}

Result<std::size_t> Credentials::choose(std::string_view key, Resource resource,
                                        std::size_t tried) const {
  const TimePoint now = clock_.now();
  const std::size_t first = (stable_hash(key) + tried) % known_.size();
  return states_.with([&](const std::vector<State>& states) -> Result<std::size_t> {
    for (std::size_t i = 0; i < states.size(); ++i) {
      const std::size_t position = (first + i) % states.size();
      if (usable_at(states[position], resource) <= now) {
        return position;
      }
    }
    return fail(none_usable(states, resource, now));
  });
}

Error Credentials::none_usable(const std::vector<State>& states, Resource resource,
                               TimePoint now) const {
  if (std::ranges::all_of(states, [&](const State& state) { return state.refused_until > now; })) {
    return {.code = ErrorCode::unauthorized, .message = refusal_text()};
  }
  const State& earliest = *std::ranges::min_element(
      states, {}, [&](const State& state) { return usable_at(state, resource); });
  const TimePoint at = usable_at(earliest, resource);
  const bool is_told = earliest.end_is_told || earliest.resting_until < at;
  return {.code = ErrorCode::rate_limited,
          .message = rate_limit_text(is_told ? std::optional(at) : std::nullopt),
          .retry_after = std::max(std::chrono::ceil<seconds>(at - now), seconds(1))};
}

std::string Credentials::refusal_text() const {
  const bool has_app = known_.back().name == app_name;
  const std::size_t tokens = known_.size() - (has_app ? 1 : 0);
  std::vector<std::string> refused;
  if (tokens > 0) {
    refused.push_back((tokens > 1 ? "all tokens of " : "") + std::string(tokens_name));
  }
  if (has_app) {
    refused.emplace_back(app_name);
  }
  return "GitHub refused " + join_words(refused) + " (HTTP 401)";
}

const std::string& Credentials::authorization(std::size_t position) const {
  return known_.at(position).authorization.reveal();
}

// Answers overtake each other: within one window what remains only falls.
void Credentials::learn(Allowance& allowance, const RateLimit& limit, TimePoint now) {
  std::optional<RateLimit>& told = allowance.told;
  if (!told || told->reset <= now || told->reset < limit.reset) {
    told = limit;
  } else if (told->reset == limit.reset && limit.remaining < told->remaining) {
    told = limit;
  }
}

void Credentials::use_up(Allowance& allowance, const RateLimit& limit, TimePoint now) {
  const TimePoint ends = std::min<TimePoint>(limit.reset, now + longest_wait);
  allowance.used_up_until = std::max(allowance.used_up_until, ends);
}

void Credentials::rest(State& state, std::optional<seconds> told, TimePoint now) {
  seconds time = shortest_guess;
  if (told) {
    time = *told;
  } else if (state.resting_until > now) {
    return;  // one of those under way when the rest began: the guess counts once
  } else {
    for (int i = 0; i < state.guesses && time < longest_guess; ++i) {
      time *= 2;
    }
    ++state.guesses;
  }
  if (now + time > state.resting_until) {
    state.resting_until = now + time;
    state.end_is_told = told.has_value();
  }
}

// True if this has to be logged.
bool Credentials::refuse(State& state, TimePoint now) {
  state.refused_until = now + refusal_time;
  return !std::exchange(state.refusal_is_logged, true);
}

bool Credentials::take(std::size_t position, Resource resource, const http::Response& response) {
  const TimePoint now = clock_.now();
  Blame blame = blame_of(response, now);
  if (blame == Blame::refused_credential && is_anonymous()) {
    blame = Blame::request;
  }
  const auto limit = rate_limit_of(response.headers);
  const auto limited = limit ? resource_of(response.headers, resource) : std::nullopt;
  const bool is_first_refusal = states_.with([&](std::vector<State>& states) {
    State& state = states.at(position);
    if (limited) {
      Allowance& allowance = state.allowances.at(place_of(*limited));
      learn(allowance, *limit, now);
      if (limit->remaining == 0 && blame != Blame::secondary_limit) {
        use_up(allowance, *limit, now);
      }
    }
    switch (blame) {
      case Blame::request:
        if (state.resting_until <= now && response.status < 400) {
          state.guesses = 0;
          state.refusal_is_logged = false;
        }
        break;
      case Blame::refused_credential:
        return refuse(state, now);
      case Blame::primary_limit: {
        // Where the clocks differ, the end may seem to be over.
        Allowance& allowance = state.allowances.at(place_of(limited.value_or(resource)));
        allowance.used_up_until = std::max<TimePoint>(allowance.used_up_until, now + seconds(1));
        break;
      }
      case Blame::secondary_limit:
        rest(state, http::retry_after(response.headers, now), now);
        break;
    }
    return false;
  });
  if (is_first_refusal) {
    log::error("github_credential_refused", {{"credential", known_.at(position).name}});
  }
  // "Not for you" may be about a suspended token as well as about what was asked for.
  return blame != Blame::request || (response.status == 403 && known_.size() > 1);
}

void Credentials::note(std::size_t position, Resource resource, const RateLimit& limit) {
  const TimePoint now = clock_.now();
  states_.with([&](std::vector<State>& states) {
    Allowance& allowance = states.at(position).allowances.at(place_of(resource));
    learn(allowance, limit, now);
    if (limit.remaining == 0) {
      use_up(allowance, limit, now);
    }
  });
}

void Credentials::limit_reached(std::size_t position, Resource resource,
                                const http::Response& response) {
  const TimePoint now = clock_.now();
  const auto told = http::retry_after(response.headers, now);
  const auto limit = rate_limit_of(response.headers);
  states_.with([&](std::vector<State>& states) {
    State& state = states.at(position);
    if (told || is_secondary(response)) {
      return rest(state, told, now);
    }
    Allowance& allowance = state.allowances.at(place_of(resource));
    const bool is_known = limit && limit->remaining == 0 && limit->reset > now;
    allowance.used_up_until = std::max<TimePoint>(allowance.used_up_until,
                                                  is_known ? limit->reset : now + shortest_guess);
  });
}

Budget Credentials::budget(Resource resource) const {
  const TimePoint now = clock_.now();
  return states_.with([&](const std::vector<State>& states) {
    Budget budget;
    std::optional<TimePoint> earliest;
    for (const State& state : states) {
      const TimePoint at = usable_at(state, resource);
      earliest = earliest ? std::min(*earliest, at) : at;
      if (state.refused_until > now) {
        ++budget.refused;
        continue;
      }
      const auto& told = state.allowances.at(place_of(resource)).told;
      // GraphQL is answered to credentials only.
      const std::int64_t anonymous = resource == Resource::core ? anonymous_limit : 0;
      const std::int64_t usual = is_anonymous() ? anonymous : usual_limit;
      const std::int64_t limit = told && told->limit > 0 ? told->limit : usual;
      budget.limit += limit;
      budget.remaining += told && told->reset > now ? told->remaining : limit;
      budget.credentials += at <= now && !is_anonymous() ? 1U : 0U;
    }
    if (earliest && *earliest > now) {
      budget.blocked_until = earliest;
    }
    return budget;
  });
}

}  // namespace bb::github
