#include "github/turns.hpp"

namespace bb::github {

bool Turns::Turn::should_end() const {
  if (is_urgent_) {
    return false;
  }
  const std::lock_guard lock(turns_.mutex_);
  return turns_.urgent_ > 0;
}

std::optional<Turns::Turn> Turns::take(const Deadline& deadline) {
  std::unique_lock lock(mutex_);
  const auto left = deadline.left();
  if (left) {
    ++urgent_;
    const bool is_free = changed_.wait_for(lock, *left, [this] { return !is_taken_; });
    --urgent_;
    if (!is_free) {
      changed_.notify_all();  // those without a deadline waited for this one
      return std::nullopt;
    }
  } else {
    changed_.wait(lock, [this] { return !is_taken_ && urgent_ == 0; });
  }
  is_taken_ = true;
  return std::optional<Turn>(std::in_place, *this, left.has_value());
}

void Turns::give_back() {
  const std::lock_guard lock(mutex_);
  is_taken_ = false;
  changed_.notify_all();
}

}  // namespace bb::github
