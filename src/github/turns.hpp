// Calls that ask GitHub much take turns: it bounds how many requests are under way at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>

#include "github/deadline.hpp"

namespace bb::github {

class Turns {
 public:
  // Held while the call asks.
  class Turn {
   public:
    Turn(Turns& turns, bool is_urgent) : turns_(turns), is_urgent_(is_urgent) {}
    ~Turn() { turns_.give_back(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    // Somebody waits for the next call and nobody for this one: it should ask nothing new.
    [[nodiscard]] bool should_end() const;

   private:
    Turns& turns_;
    bool is_urgent_;
  };

  // Waits for its turn; a call with a deadline goes before those without. Nothing if the deadline
  // came first.
  [[nodiscard]] std::optional<Turn> take(const Deadline& deadline);

 private:
  void give_back();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_taken_ = false;
  std::size_t urgent_ = 0;  // waiting calls with a deadline
};

}  // namespace bb::github
