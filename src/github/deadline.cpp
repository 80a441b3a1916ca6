#include "github/deadline.hpp"

#include <algorithm>

namespace bb::github {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds most_patience(3'000);

}  // namespace

void Deadline::limit(http::ClientRequest& request) const {
  if (until_) {
    request.total_time =
        std::clamp<milliseconds>(*until_ - clock_.now(), milliseconds(1), most_patience);
    request.connect_time = request.total_time;
  }
}

std::unique_lock<std::timed_mutex> Deadline::lock(std::timed_mutex& mutex) const {
  std::unique_lock lock(mutex, std::defer_lock);
  if (const auto time = left()) {
    static_cast<void>(lock.try_lock_for(*time));
  } else {
    lock.lock();
  }
  return lock;
}

}  // namespace bb::github
