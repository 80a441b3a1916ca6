// Known secrets and what looks like a token, found in any text in whatever spelling.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace bb::http {

inline constexpr std::string_view mask = "***";

class SecretValues {
 public:
  SecretValues() = default;

  // Those shorter than shortest_secret are left out: hiding them everywhere would hide the text.
  explicit SecretValues(std::span<const Secret> secrets);
  static constexpr std::size_t shortest_secret = 4;

  // `***` instead of each secret, be it plain, percent-encoded, escaped as in JSON or HTML or part
  // of something in base64, and instead of each token of Slack or GitHub.
  [[nodiscard]] std::string hide(std::string_view text) const;

 private:
  struct Needle {
    std::string text;
    bool is_base64 = false;
  };
  struct Found {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  [[nodiscard]] Found find_at(std::string_view text, std::size_t at) const;
  [[nodiscard]] std::string hide_once(std::string_view text) const;

  std::vector<Needle> needles_;
};

}  // namespace bb::http
