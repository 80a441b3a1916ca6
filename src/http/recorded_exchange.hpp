// The file of recorded HTTP: JSON Lines, a header first, then one exchange a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace bb::http {

// A request and what came of it, both masked.
struct RecordedExchange {
  TimePoint at = {};  // of the answer
  std::string method = {};
  std::string url = {};
  Headers request_headers = {};
  std::string request_body = {};
  Result<Response> answer = Response();
};

// Lines without their end. Bodies that are JSON stand in the file as JSON, others as text, and
// those that are not UTF-8 in base64. The order of headers with different names is kept.
std::string recording_header();
std::string format_exchange(const RecordedExchange& exchange);

// The header may be repeated, and empty lines are skipped. Errors name the line.
Result<std::vector<RecordedExchange>> parse_recording(std::string_view text);

}  // namespace bb::http
