// Takes credentials, one-time codes, cookies and signatures out of HTTP that is to be shown.
#pragma once

#include <boost/json/fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "http/message.hpp"
#include "http/secret_values.hpp"

namespace bb::http {

// What is hidden becomes `***`: what has a telling name (Authorization, access_token, state, ...)
// in headers, queries, forms and JSON, the user of an address, and the values that SecretValues
// knows, wherever they stand. Masking what is masked changes nothing.
class Masking {
 public:
  Masking() = default;
  explicit Masking(std::span<const Secret> secrets) : values_(secrets) {}

  [[nodiscard]] std::string url(std::string_view url) const;
  [[nodiscard]] Headers headers(const Headers& headers) const;

  // JSON, a form or any text. JSON comes back as it is serialised here, without white space.
  [[nodiscard]] std::string body(std::string_view body, const Headers& headers) const;

  // Text with addresses, JSON or percent-encoded text in it, also within each other.
  [[nodiscard]] std::string text(std::string_view text) const;

 private:
  // How deeply encoded text is followed.
  static constexpr int deepest = 3;

  [[nodiscard]] std::string text_within(std::string_view text, int depth) const;
  [[nodiscard]] std::string pass(std::string_view text, int depth) const;
  [[nodiscard]] std::string encoded_parts(std::string_view text, int depth) const;
  [[nodiscard]] std::string encoded(std::string_view text, int depth) const;
  [[nodiscard]] std::string form(std::string_view form) const;
  void json(boost::json::value& value, std::string_view name, int depth) const;

  SecretValues values_;
};

}  // namespace bb::http
