#include "bench/event_load.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <stdexcept>
#include <vector>

#include "base/clock.hpp"
#include "chat/slack/signature.hpp"

namespace bb::bench {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock;

constexpr auto answer_limit = 10s;
constexpr std::int64_t people = 1'000;

// As large as those of the Events API are.
std::string event_body(const std::string& team, std::int64_t number) {
  const std::string person = std::to_string(1'000'000 + number % people);
  const std::string ts = std::to_string(1'763'660'000 + number / 1'000'000) + "." +
                         std::to_string(1'000'000 + number % 1'000'000).substr(1);
  const std::string message =
      R"("type":"message","user":"U)" + person + R"(","ts":")" + ts +
      R"(","client_msg_id":"8f0c3a52-5a1e-4a0e-9d3c-2b1f6a7c9e10","text":"help","team":")" + team +
      R"(","blocks":[{"type":"rich_text","block_id":"Yk3pV","elements":[{"type":)"
      R"("rich_text_section","elements":[{"type":"text","text":"help"}]}]}],"channel":"D)" +
      person + R"(","event_ts":")" + ts + R"(","channel_type":"im")";
  return R"({"token":"simulated-verification-token","team_id":")" + team +
         R"(","context_team_id":")" + team +
         R"(","context_enterprise_id":null,"api_app_id":"A0BEAVER1","event":{)" + message +
         R"(},"type":"event_callback","event_id":"Ev)" + std::to_string(10'000'000 + number) +
         R"(","event_time":1763660000,"authorizations":[{"enterprise_id":null,"team_id":")" + team +
         R"(","user_id":"U0BEAVER1","is_bot":true,"is_enterprise_install":false}],)"
         R"("is_ext_shared_channel":false,"event_context":")" +
         std::string(120, 'x') + R"("})";
}

std::string request(const EventTarget& target, std::int64_t number) {
  const std::string body = event_body(target.team_id, number);
  const std::string timestamp = std::to_string(
      std::chrono::floor<std::chrono::seconds>(SystemClock().now()).time_since_epoch().count());
  return "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Slackbot 1.0 "
         "(+https://api.slack.com/robots)\r\nAccept: */*\r\nX-Slack-Signature: " +
         chat::slack::sign(target.signing_secret, timestamp, body) +
         "\r\nX-Slack-Request-Timestamp: " + timestamp +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// The status of a whole answer at the start of `octets`; nothing before it is whole.
std::optional<int> status_of(std::string_view octets) {
  const std::size_t end = octets.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view head = octets.substr(0, end);
  std::size_t body = 0;
  for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    if (const std::size_t at = head.find(name); at != std::string_view::npos) {
      body = std::stoul(std::string(head.substr(at + name.size(), 10)));
    }
  }
  if (octets.size() < end + 4 + body) {
    return std::nullopt;
  }
  return std::stoi(std::string(octets.substr(9, 3)));
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const void* const pointer = &address;
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::connect(socket, static_cast<const sockaddr*>(pointer), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  }
  return socket;
}

class Load {
 public:
  explicit Load(const EventTarget& target) : target_(target), connections_(target.connections) {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].socket = connect_to(target.port);
      epoll_event interest{.events = EPOLLIN, .data = {.u64 = i}};
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, connections_[i].socket, &interest);
      idle_.push_back(i);
    }
  }
  ~Load() {
    for (const Connection& connection : connections_) {
      ::close(connection.socket);
    }
    ::close(poll_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  LoadResult run(std::optional<double> rate, std::chrono::milliseconds time) {
    // Signed before the clock starts, so that what is measured is the server. More than any server
    // here has taken; beyond them they are signed on the way.
    constexpr double most_per_second = 20'000;
    const std::chrono::duration<double> seconds = time;
    signed_.reserve(static_cast<std::size_t>(rate.value_or(most_per_second) * seconds.count()));
    while (signed_.size() < signed_.capacity()) {
      signed_.push_back(request(target_, next_number()));
    }
    const Time::time_point begin = Time::now();
    const Time::time_point end = begin + time;
    std::size_t planned = 0;
    const auto plan = [&](std::size_t number) {
      return begin + std::chrono::duration_cast<Time::duration>(
                         std::chrono::duration<double>(static_cast<double>(number) / *rate));
    };
    while (Time::now() < end + answer_limit) {
      const Time::time_point now = Time::now();
      for (; rate && plan(planned) <= now && plan(planned) < end; ++planned) {
        due_.push_back(plan(planned));
      }
      for (std::size_t i = idle_.size(); !rate && now < end && i > due_.size();) {
        due_.push_back(now);
      }
      while (!due_.empty() && !idle_.empty()) {
        send(idle_.front(), due_.front());
        idle_.pop_front();
        due_.pop_front();
      }
      if (now >= end && due_.empty() && idle_.size() == connections_.size()) {
        break;
      }
      wait(rate && now < end ? std::max(plan(planned) - now, Time::duration(0)) : 100ms);
    }
    return result(Time::now() - begin);
  }

 private:
  struct Connection {
    int socket = -1;
    Time::time_point intended;
    std::string received;
  };

  // Over all loads of this process.
  static std::int64_t next_number() {
    static std::atomic<std::int64_t> number = 0;
    return number++;
  }

  void send(std::size_t index, Time::time_point intended) {
    const std::string octets =
        sent_ < signed_.size() ? std::move(signed_[sent_++]) : request(target_, next_number());
    connections_[index].intended = intended;
    if (::send(connections_[index].socket, octets.data(), octets.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(octets.size())) {
      throw std::runtime_error("the server does not take a request");
    }
  }

  void wait(Time::duration most) {
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(most).count();
    const timespec limit{.tv_sec = nanoseconds / 1'000'000'000,
                         .tv_nsec = nanoseconds % 1'000'000'000};
    std::array<epoll_event, 64> ready{};
    const int count =
        ::epoll_pwait2(poll_, ready.data(), static_cast<int>(ready.size()), &limit, nullptr);
    for (int i = 0; i < count; ++i) {
      receive(ready.at(static_cast<std::size_t>(i)).data.u64);
    }
  }

  void receive(std::size_t index) {
    Connection& connection = connections_[index];
    std::array<char, 4096> buffer{};
    const ssize_t count = ::recv(connection.socket, buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      throw std::runtime_error("the server closed a connection");
    }
    connection.received.append(buffer.data(), static_cast<std::size_t>(count));
    if (const auto status = status_of(connection.received)) {
      connection.received.clear();
      if (*status == 200) {
        latencies_.push_back(
            std::chrono::duration<double, std::milli>(Time::now() - connection.intended).count());
      } else {
        ++refused_;
      }
      idle_.push_back(index);
    }
  }

  LoadResult result(Time::duration taken) {
    const std::size_t unanswered = connections_.size() - idle_.size() + due_.size();
    LoadResult figures{.acknowledged = latencies_.size(), .refused = refused_ + unanswered};
    if (latencies_.empty()) {
      return figures;
    }
    std::ranges::sort(latencies_);
    const auto share = [&](double part) {
      return latencies_[static_cast<std::size_t>(static_cast<double>(latencies_.size() - 1) *
                                                 part)];
    };
    figures.acknowledged_per_second =
        static_cast<double>(latencies_.size()) / std::chrono::duration<double>(taken).count();
    figures.p50_ms = share(0.5);
    figures.p99_ms = share(0.99);
    figures.max_ms = latencies_.back();
    return figures;
  }

  const EventTarget& target_;
  int poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Connection> connections_;
  std::deque<std::size_t> idle_;
  std::deque<Time::time_point> due_;
  std::vector<std::string> signed_;
  std::size_t sent_ = 0;
  std::vector<double> latencies_;
  std::size_t refused_ = 0;
};

}  // namespace

LoadResult send_events(const EventTarget& target, std::optional<double> rate,
                       std::chrono::milliseconds time) {
  return Load(target).run(rate, time);
}

}  // namespace bb::bench
