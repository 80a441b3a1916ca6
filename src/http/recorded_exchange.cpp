#include "http/recorded_exchange.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"

namespace bb::http {
namespace {

constexpr std::string_view format_name = "busy-beaver-http";
constexpr std::int64_t format_version = 1;

constexpr std::array codes = {
    ErrorCode::invalid_input, ErrorCode::not_found, ErrorCode::conflict,
    ErrorCode::unauthorized,  ErrorCode::forbidden, ErrorCode::rate_limited,
    ErrorCode::unavailable,   ErrorCode::uncertain, ErrorCode::bad_response,
    ErrorCode::internal,
};

// {"Name": "value"}, or {"Name": ["value", "value"]} where a name comes more than once.
boost::json::object headers_to_json(const Headers& headers) {
  boost::json::object result;
  for (const auto& [name, value] : headers.entries()) {
    const std::string text = to_valid_utf8(value);
    const std::string key = to_valid_utf8(name);
    boost::json::value* const earlier = result.if_contains(key);
    if (earlier == nullptr) {
      result.emplace(key, text);
    } else if (boost::json::array* const values = earlier->if_array()) {
      values->emplace_back(text);
    } else {
      boost::json::array both;
      both.push_back(std::move(*earlier));
      both.emplace_back(text);
      *earlier = std::move(both);
    }
  }
  return result;
}

bool starts_json(std::string_view body) {
  return body.starts_with('{') || body.starts_with('[');
}

void add_body(boost::json::object& message, const std::string& body) {
  if (body.empty()) {
    return;
  }
  if (to_valid_utf8(body) != body) {
    message["body_base64"] = crypto::to_base64(body);
    return;
  }
  if (starts_json(body)) {
    Result<boost::json::value> value = json::parse(body);
    // Only what is written as it was: numbers that do not fit would change.
    if (value && boost::json::serialize(*value) == body) {
      message["body"] = *std::move(value);
      return;
    }
  }
  message["body"] = body;
}

Result<void> add_header(Headers& headers, std::string_view name, const boost::json::value& value) {
  const boost::json::string* const text = value.if_string();
  if (text == nullptr) {
    return fail(ErrorCode::invalid_input, "the header '" + escape_control(truncate(name, 60)) +
                                              "' is neither text nor an array of texts");
  }
  headers.add(name, {text->data(), text->size()});
  return {};
}

Result<Headers> headers_of(const boost::json::value& message) {
  Headers headers;
  const boost::json::value* const found = json::find(message, "headers");
  if (found == nullptr) {
    return headers;
  }
  const boost::json::object* const members = found->if_object();
  if (members == nullptr) {
    return fail(ErrorCode::invalid_input, "'headers' is not an object");
  }
  for (const auto& member : *members) {
    const std::string_view name(member.key().data(), member.key().size());
    const boost::json::array* const values = member.value().if_array();
    const std::size_t count = values == nullptr ? 1 : values->size();
    for (std::size_t i = 0; i < count; ++i) {
      const Result<void> added =
          add_header(headers, name, values == nullptr ? member.value() : values->at(i));
      if (!added) {
        return fail(added.error());
      }
    }
  }
  return headers;
}

Result<std::string> body_of(const boost::json::value& message) {
  if (json::find(message, "body_base64") != nullptr) {
    const auto text = json::string(message, "body_base64");
    auto octets = text ? crypto::from_base64(*text) : std::nullopt;
    if (!octets) {
      return fail(ErrorCode::invalid_input, "'body_base64' is not base64");
    }
    return *std::move(octets);
  }
  const boost::json::value* const body = json::find(message, "body");
  if (body == nullptr) {
    return std::string();
  }
  const boost::json::string* const text = body->if_string();
  return text != nullptr ? std::string(text->data(), text->size()) : boost::json::serialize(*body);
}

Result<Response> response_of(const boost::json::value& recorded) {
  const Result<std::int64_t> status = json::required_integer(recorded, "status");
  if (!status) {
    return fail(status.error());
  }
  if (*status < 100 || *status > 999) {
    return fail(ErrorCode::invalid_input, "'status' is not a status of HTTP");
  }
  Result<Headers> headers = headers_of(recorded);
  if (!headers) {
    return fail(headers.error());
  }
  Result<std::string> body = body_of(recorded);
  if (!body) {
    return fail(body.error());
  }
  return Response{.status = static_cast<int>(*status),
                  .headers = *std::move(headers),
                  .body = *std::move(body)};
}

// The error that is recorded, or why it cannot be read.
Result<Error> error_of(const boost::json::value& recorded) {
  const std::string word = json::string(recorded, "code").value_or("");
  const auto code =
      std::ranges::find_if(codes, [&](ErrorCode known) { return to_string(known) == word; });
  Result<std::string> message = json::required_string(recorded, "message");
  if (code == codes.end() || !message) {
    return fail(code == codes.end() ? Error{.code = ErrorCode::invalid_input,
                                            .message = "'error.code' is not known"}
                                    : message.error().within("error"));
  }
  return Error{.code = *code, .message = *std::move(message)};
}

Result<RecordedExchange> exchange_of(const boost::json::value& line) {
  RecordedExchange exchange;
  const Result<std::string> at = json::required_string(line, "at");
  const Result<TimePoint> time = at ? parse_rfc3339(*at) : fail(at.error());
  if (!time) {
    return fail(time.error());
  }
  exchange.at = *time;
  const boost::json::value* const request = json::find(line, "request");
  const boost::json::value nothing;
  Result<std::string> method = json::required_string(line, "request.method");
  Result<std::string> url = json::required_string(line, "request.url");
  Result<Headers> headers = headers_of(request == nullptr ? nothing : *request);
  Result<std::string> body = body_of(request == nullptr ? nothing : *request);
  for (const Error* const error :
       {method ? nullptr : &method.error(), url ? nullptr : &url.error(),
        headers ? nullptr : &headers.error(), body ? nullptr : &body.error()}) {
    if (error != nullptr) {
      return fail(*error);
    }
  }
  exchange.method = *std::move(method);
  exchange.url = *std::move(url);
  exchange.request_headers = *std::move(headers);
  exchange.request_body = *std::move(body);
  if (const boost::json::value* const error = json::find(line, "error")) {
    Result<Error> recorded = error_of(*error);
    if (!recorded) {
      return fail(recorded.error());
    }
    exchange.answer = fail(*std::move(recorded));
    return exchange;
  }
  const boost::json::value* const response = json::find(line, "response");
  if (response == nullptr) {
    return fail(ErrorCode::invalid_input, "neither 'response' nor 'error' is there");
  }
  Result<Response> answer = response_of(*response);
  if (!answer) {
    return fail(answer.error().within("response"));
  }
  exchange.answer = std::move(answer);
  return exchange;
}

Result<void> check_header(const boost::json::value& line) {
  if (json::string(line, "format") != format_name) {
    return fail(ErrorCode::invalid_input,
                "this is not a recording: the first line has to be " + recording_header());
  }
  if (json::integer(line, "version") != format_version) {
    return fail(ErrorCode::invalid_input, "the recording was made by another version");
  }
  return {};
}

}  // namespace

std::string recording_header() {
  return boost::json::serialize(
      boost::json::object{{"format", format_name}, {"version", format_version}});
}

std::string format_exchange(const RecordedExchange& exchange) {
  boost::json::object request = {{"method", to_valid_utf8(exchange.method)},
                                 {"url", to_valid_utf8(exchange.url)},
                                 {"headers", headers_to_json(exchange.request_headers)}};
  add_body(request, exchange.request_body);
  boost::json::object line = {{"at", format_rfc3339(exchange.at)}, {"request", std::move(request)}};
  if (exchange.answer) {
    boost::json::object response = {{"status", exchange.answer->status},
                                    {"headers", headers_to_json(exchange.answer->headers)}};
    add_body(response, exchange.answer->body);
    line["response"] = std::move(response);
  } else {
    line["error"] = {{"code", to_string(exchange.answer.error().code)},
                     {"message", to_valid_utf8(exchange.answer.error().message)}};
  }
  return boost::json::serialize(line);
}

Result<std::vector<RecordedExchange>> parse_recording(std::string_view text) {
  std::vector<RecordedExchange> exchanges;
  std::size_t number = 0;
  bool has_header = false;
  for (const std::string_view content : split(text, '\n')) {
    ++number;
    if (trim(content).empty()) {
      continue;
    }
    const std::string where = "line " + std::to_string(number);
    const Result<boost::json::value> line = json::parse(trim(content));
    if (!line) {
      return fail(line.error().within(where));
    }
    if (!has_header || json::find(*line, "format") != nullptr) {
      if (const Result<void> checked = check_header(*line); !checked) {
        return fail(checked.error().within(where));
      }
      has_header = true;
      continue;
    }
    Result<RecordedExchange> exchange = exchange_of(*line);
    if (!exchange) {
      return fail(exchange.error().within(where));
    }
    exchanges.push_back(*std::move(exchange));
  }
  if (!has_header) {
    return fail(ErrorCode::invalid_input, "the recording is empty");
  }
  return exchanges;
}

}  // namespace bb::http
