// Many requests to GitHub, a bounded number of them under way at any time: each is sent as soon as
// there is room, so one that hangs delays no other. Those that are refused for their credential's
// reason are sent again with another one.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "github/credentials.hpp"
#include "github/deadline.hpp"
#include "github/turns.hpp"
#include "http/client.hpp"

namespace bb::github {

class Pipeline {
 public:
  struct Task {
    std::size_t index = 0;
    int page = 1;
    std::size_t refusals = 0;  // of credentials
  };
  struct Calls {
    std::function<std::string_view(const Task&)> key;  // requests with the same share a credential
    std::function<http::ClientRequest(const Task&, const std::string& authorization)> request;
    std::function<bool(const Task&, const Result<http::Response>&)> take;  // true: one more page
  };

  // What is not sent when the deadline is over, or the turn should end, is not sent at all, and
  // nothing is said about it.
  Pipeline(http::Client& client, Credentials& credentials, const Deadline& deadline,
           const Turns::Turn& turn, Calls calls);

  void add(std::size_t index) { open_.push_back({.index = index}); }
  void run(std::size_t concurrency);

 private:
  struct Sent {
    Task task;
    std::size_t credential = 0;
  };
  std::optional<http::ClientRequest> next();
  void take(Sent sent, const Result<http::Response>& response);

  http::Client& client_;
  Credentials& credentials_;
  const Deadline& deadline_;
  const Turns::Turn& turn_;
  Calls calls_;
  std::deque<Task> open_;
  std::vector<Sent> sent_;        // by place among the requests given to the client
  std::optional<Error> blocked_;  // no credential can be used: whoever is not asked yet ends alike
};

}  // namespace bb::github
