#include "http/multi.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace bb::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// As many as there may be requests at the same time: none of their connections is closed to make
// room for another one.
constexpr long kept_connections = 128;
constexpr std::size_t kept_handles = 128;

void check(CURLMcode code) {
  if (code != CURLM_OK) {
    throw std::runtime_error(std::string("curl: ") + curl_multi_strerror(code));
  }
}

}  // namespace

Multi::Multi() : multi_(curl_multi_init()), epoll_(-1) {
  if (multi_ == nullptr) {
    throw std::bad_alloc();
  }
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) {
    curl_multi_cleanup(multi_);
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kept_connections);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, static_cast<void*>(this));
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, static_cast<void*>(this));
}

Multi::~Multi() {
  curl_multi_cleanup(multi_);
  ::close(epoll_);
}

Easy Multi::take_handle() {
  if (!idle_.empty()) {
    Easy handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }
  Easy handle(curl_easy_init());
  if (!handle) {
    throw std::bad_alloc();
  }
  return handle;
}

void Multi::give_back(Easy handle) {
  if (idle_.size() < kept_handles) {
    curl_easy_reset(handle.get());
    idle_.push_back(std::move(handle));
  }
}

void Multi::add(CURL* handle) {
  check(curl_multi_add_handle(multi_, handle));
}

void Multi::remove(CURL* handle) {
  curl_multi_remove_handle(multi_, handle);
}

void Multi::wait(milliseconds at_most) {
  if (deadline_) {
    const auto left = std::chrono::ceil<milliseconds>(*deadline_ - steady_clock::now());
    at_most = std::clamp(left, milliseconds(0), at_most);
  }
  std::array<epoll_event, 64> ready;
  const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()),
                                 static_cast<int>(at_most.count()));
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready.at(static_cast<std::size_t>(i));
    act(event.data.fd, ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                           ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                           ((event.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0));
  }
  if (deadline_ && steady_clock::now() >= *deadline_) {
    deadline_.reset();
    act(CURL_SOCKET_TIMEOUT, 0);
  }
}

void Multi::act(curl_socket_t socket, int events) {
  int active = 0;
  check(curl_multi_socket_action(multi_, socket, events, &active));
}

void Multi::take_ended(const Ended& ended) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) {
      ended(message->easy_handle, message->data.result);
    }
  }
}

// `known` is what was assigned to the socket when it was seen first.
int Multi::on_socket(CURL* /*handle*/, curl_socket_t socket, int what, void* multi, void* known) {
  auto& self = *static_cast<Multi*>(multi);
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(self.epoll_, EPOLL_CTL_DEL, socket, nullptr);  // curl may have closed it already
    curl_multi_assign(self.multi_, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.events =
      ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
  event.data.fd = socket;
  // The number may have been another socket's, which was closed.
  const int first = known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  const int second = known == nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (::epoll_ctl(self.epoll_, first, socket, &event) != 0 &&
      ::epoll_ctl(self.epoll_, second, socket, &event) != 0) {
    return -1;  // the transfer is given up
  }
  curl_multi_assign(self.multi_, socket, multi);
  return 0;
}

int Multi::on_timer(CURLM* /*multi*/, long timeout, void* self) {
  auto& deadline = static_cast<Multi*>(self)->deadline_;
  if (timeout < 0) {
    deadline.reset();
  } else {
    deadline = steady_clock::now() + milliseconds(timeout);
  }
  return 0;
}

}  // namespace bb::http
