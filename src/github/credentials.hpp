// The credentials with which GitHub is asked: which of them may ask now, and what is left of their
// limits. Safe to use from several threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "github/api.hpp"
#include "http/message.hpp"

namespace bb::github {

class Credentials {
 public:
  // All tokens, then the OAuth app's id and secret; without any of these GitHub is asked
  // anonymously.
  Credentials(const Settings& settings, const Clock& clock);

  // Which one to use: for the same `key` the same one while it can be used, so that ETags stay
  // valid; else the next that can. `tried` of them are passed over, if there are others.
  // rate_limited or unauthorized if there is none.
  [[nodiscard]] Result<std::size_t> choose(std::string_view key, Resource resource,
                                           std::size_t tried = 0) const;

  // The value of its Authorization header, empty where GitHub is asked anonymously.
  [[nodiscard]] const std::string& authorization(std::size_t position) const;

  // Learns from an answer. True if the answer is due to the credential: another one may get a
  // better one.
  bool take(std::size_t position, Resource resource, const http::Response& response);

  // The same for a limit that an answer with status 200 tells about in its body.
  void limit_reached(std::size_t position, Resource resource, const http::Response& response);
  void note(std::size_t position, Resource resource, const RateLimit& limit);

  [[nodiscard]] std::size_t count() const { return known_.size(); }
  [[nodiscard]] bool is_anonymous() const { return known_.front().authorization.empty(); }
  [[nodiscard]] Budget budget(Resource resource) const;

 private:
  struct Known {
    std::string name;  // for the log: where it is configured, never what it is
    Secret authorization;
  };
  struct Allowance {
    std::optional<RateLimit> told;
    TimePoint used_up_until;
  };
  struct State {
    std::array<Allowance, 2> allowances;  // by resource
    TimePoint resting_until;              // secondary limit
    bool end_is_told = true;              // of the rest; else it is a guess
    int guesses = 0;                      // rests without a told end since the last success
    TimePoint refused_until;
    bool refusal_is_logged = false;
  };

  static void learn(Allowance& allowance, const RateLimit& limit, TimePoint now);
  static void use_up(Allowance& allowance, const RateLimit& limit, TimePoint now);
  static void rest(State& state, std::optional<std::chrono::seconds> told, TimePoint now);
  static bool refuse(State& state, TimePoint now);
  static TimePoint usable_at(const State& state, Resource resource);
  [[nodiscard]] Error none_usable(const std::vector<State>& states, Resource resource,
                                  TimePoint now) const;
  [[nodiscard]] std::string refusal_text() const;

  const Clock& clock_;
  std::vector<Known> known_;  // never changes, at least one
  Guarded<std::vector<State>> states_;
};

}  // namespace bb::github
