// Counted events kept for a second look, in little memory: beyond a few megabytes in a temporary
// file without a name. Lets one pass over an input that cannot be read twice do the work of two.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "github/event.hpp"

namespace bb::app {

class EventSpool {
 public:
  // Without regard to case, as GitHub compares logins.
  static std::uint64_t key_of(std::string_view login);

  struct Entry {
    std::uint64_t person = 0;    // key_of(login)
    std::uint64_t identity = 0;  // equal for the same event read twice
    TimePoint created_at;
    std::string_view body;  // for decode()
  };

  // Keeps what a digest needs of the event. Throws std::system_error if the disk is full.
  void add(const github::Event& event);

  // Visits all entries in the order of add(). May be called again.
  void visit(const std::function<void(const Entry&)>& visitor);

  static github::Event decode(const Entry& entry);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void flush();

  std::string buffer_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace bb::app
