// A string that must not be printed: tokens, keys, client secrets.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace bb {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  // The only way to the value; call it where the value leaves the process, nowhere else.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

  friend std::ostream& operator<<(std::ostream& out, const Secret& /*secret*/) {
    return out << "***";
  }

 private:
  std::string value_;
};

}  // namespace bb
