// Failures that a simulated service is told to have, so that tests can see what the bot makes of
// them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace bb::sim {

enum class FaultKind {
  rate_limited,  // `status` with Retry-After unless that is 0
  status,        // `status` and an empty error; the call is not applied
  error_word,    // the service's own error, e.g. invalid_auth; the call is not applied
  false_error,   // the same, but the call is applied
  no_answer,     // the call is applied, then nothing comes within `hold`
  late_answer,   // the call is applied, its answer comes after `hold`
  late_call,     // nothing happens for `hold`, then the call is applied, whether or not the caller
                 // waits
  html,          // `status` and a page instead of JSON; the call is not applied
  cut_short,     // the call is applied, half of its JSON comes
};

struct Fault {
  FaultKind kind = FaultKind::status;
  int status = 500;
  std::string word = {};
  std::chrono::seconds retry_after{30};
  std::chrono::milliseconds hold{60'000};
  int times = 1;  // how many requests have it
};

Fault rate_limited(std::chrono::seconds retry_after);     // 429
Fault secondary_limit(std::chrono::seconds retry_after);  // GitHub's 403
Fault secondary_limit();                                  // the same without Retry-After
Fault server_error(int status = 500);
Fault refused();  // 503, certainly not applied
Fault error_word(std::string word);
Fault false_error(std::string word);
Fault no_answer(std::chrono::milliseconds hold = std::chrono::milliseconds(60'000));
Fault late_answer(std::chrono::milliseconds hold);
Fault late_call(std::chrono::milliseconds hold);
Fault html_instead(int status = 200);
Fault cut_short();

// Faults in the order they were added, by name of what they hit; "*" hits anything.
class FaultQueue {
 public:
  void add(const std::string& name, Fault fault);
  std::optional<Fault> take(std::string_view name);
  void clear() { by_name_.clear(); }

 private:
  std::optional<Fault> take_exactly(const std::string& name);
  std::map<std::string, std::deque<Fault>> by_name_;
};

// Draws what a call meets, by name of what it hits; asked on the thread that answers it.
using FaultSource = std::function<std::optional<Fault>(std::string_view name)>;

// Lets requests hang without hindering the shutdown.
class Hold {
 public:
  void wait(std::chrono::milliseconds at_most);
  void release();

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  bool open_ = false;
};

// The answer of a request that meets `fault`. `apply` does what the request asks for; `error_body`
// is the service's JSON for an error word.
http::Response answer_with(const Fault& fault, Hold& hold,
                           const std::function<http::Response()>& apply,
                           const std::function<std::string(std::string_view word)>& error_body);

}  // namespace bb::sim
