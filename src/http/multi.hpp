// libcurl's multi interface, driven by its sockets: what a wait costs does not grow with the number
// of transfers.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace bb::http {

struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;

// Keeps its connections, and easy handles that were given back. For one thread at a time.
class Multi {
 public:
  Multi();
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  // A handle without options.
  Easy take_handle();
  void give_back(Easy handle);

  void add(CURL* handle);
  void remove(CURL* handle);

  // Waits until something moves, but not longer, and moves it.
  void wait(std::chrono::milliseconds at_most);

  using Ended = std::function<void(CURL* handle, CURLcode code)>;
  // Says what has ended since the last call; `ended` may add and remove handles.
  void take_ended(const Ended& ended);

 private:
  static int on_socket(CURL* handle, curl_socket_t socket, int what, void* multi, void* known);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  void act(curl_socket_t socket, int events);

  CURLM* multi_;
  int epoll_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // when curl wants to be called
  std::vector<Easy> idle_;
};

}  // namespace bb::http
