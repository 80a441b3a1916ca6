// How many jobs of a kind run at the same time in this process.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace bb::jobs {

class KindLimits {
 public:
  void set(const std::string& kind, std::size_t most) { kinds_[kind].most = most; }

  // The places of one worker, from before it looks for a job until that has ended. It cannot know
  // which job it will find, so it takes a place of every kind that is not full.
  class Places {
   public:
    explicit Places(KindLimits& limits);
    ~Places();
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;

    // Of these no job may be taken now.
    [[nodiscard]] const std::vector<std::string>& full() const { return full_; }

    // A job of this kind was found: gives back all other places. True if that may let another
    // worker find a job that it was kept from.
    bool keep(const std::string& kind);

   private:
    KindLimits& limits_;
    std::vector<std::string> full_;
    std::vector<std::string> taken_;
  };

  // The kinds that are full, for a worker that waits for another one.
  std::vector<std::string> full();

  // All limited kinds, for a worker that takes none of them.
  [[nodiscard]] std::vector<std::string> all() const;

 private:
  struct Count {
    std::size_t most = 0;
    std::size_t taken = 0;
    bool refused = false;  // somebody was kept from a job of this kind
  };

  std::mutex mutex_;  // of the counts; the kinds are set before the first worker starts
  std::map<std::string, Count> kinds_;
};

}  // namespace bb::jobs
