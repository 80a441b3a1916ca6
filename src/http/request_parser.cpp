#include "http/request_parser.hpp"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "base/text.hpp"

namespace bb::http {
namespace {

namespace beast_http = boost::beast::http;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

Rejection rejection_of(const boost::beast::error_code& error) {
  if (error == beast_http::error::header_limit) {
    return {431, "the request's header is too large"};
  }
  if (error == beast_http::error::body_limit) {
    return {413, "the request's body is too large"};
  }
  if (error == beast_http::error::bad_version) {
    return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  }
  return {400, "this is not a well-formed HTTP request"};
}

// The path and query of a target in absolute form (RFC 9112 section 3.2.2), else the target itself.
std::string_view without_origin(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos || target.starts_with('/')) {
    return target;
  }
  const std::size_t path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

}  // namespace

struct RequestParser::Reader {
  beast_http::request_parser<beast_http::string_body> parser;
};

RequestParser::RequestParser(Bounds bounds) : bounds_(bounds), reader_(std::make_unique<Reader>()) {
  reader_->parser.eager(true);
  reader_->parser.header_limit(static_cast<std::uint32_t>(bounds.header_bytes));
  reader_->parser.body_limit(bounds.body_bytes);
}

RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view input) {
  auto& parser = reader_->parser;
  const std::size_t size = input.size();
  while (state_ == State::reading && !input.empty()) {
    boost::beast::error_code error;
    const std::size_t used =
        parser.put(boost::asio::const_buffer(input.data(), input.size()), error);
    input.remove_prefix(used);
    if (parser.is_header_done() && !head_checked_) {
      head_checked_ = true;
      check_head();
    }
    if (state_ == State::rejected) {
      break;
    }
    if (error && error != beast_http::error::need_more) {
      rejection_ = rejection_of(error);
      state_ = State::rejected;
    } else if (parser.is_done()) {
      state_ = State::complete;
    } else if (error || used == 0) {
      break;
    }
  }
  // Beast sets no bound to the line before a chunk or to the trailer.
  if (state_ == State::reading && input.size() > bounds_.header_bytes) {
    reject(431, "the request's header is too large");
  }
  return size - input.size();
}

bool RequestParser::expects_continue() const {
  const auto& parser = reader_->parser;
  return state_ == State::reading && head_checked_ && parser.get().version() >= 11 &&
         equals_ignoring_case(view(parser.get()[beast_http::field::expect]), "100-continue");
}

Request RequestParser::take() {
  auto message = reader_->parser.release();
  Request request{.method = std::string(view(message.method_string())),
                  .path = std::move(path_),
                  .query = std::move(query_),
                  .headers = {},
                  .body = std::move(message.body()),
                  .request_id = {}};
  for (const auto& field : message) {
    request.headers.add(view(field.name_string()), view(field.value()));
  }
  return request;
}

bool RequestParser::keep_alive() const {
  return reader_->parser.keep_alive();
}

bool RequestParser::http_1_0() const {
  return reader_->parser.get().version() < 11;
}

void RequestParser::reject(int status, std::string_view message) {
  rejection_ = {status, message};
  state_ = State::rejected;
}

void RequestParser::check_head() {
  const auto& head = reader_->parser.get();
  const auto hosts = head.count(beast_http::field::host);
  if (hosts > 1 || (hosts == 0 && head.version() >= 11)) {
    return reject(400, "the request needs exactly one Host header");
  }
  const auto codings = head.count(beast_http::field::transfer_encoding);
  if (codings > 0) {
    if (head.version() < 11 || codings > 1) {
      return reject(400, "the request's Transfer-Encoding is ill-formed");
    }
    if (!equals_ignoring_case(trim(view(head[beast_http::field::transfer_encoding])), "chunked")) {
      return reject(501, "the only Transfer-Encoding understood here is chunked");
    }
  }
  read_target(view(head.target()));
}

void RequestParser::read_target(std::string_view target) {
  target = without_origin(target);
  if (!target.starts_with('/') && !target.starts_with('?') && target != "*") {
    return reject(400, "the target of the request is ill-formed");
  }
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto path = percent_decode(target.substr(0, mark));
  if (!path || path->find('\0') != std::string::npos) {
    return reject(400, "the path of the request is ill-formed");
  }
  auto query = Parameters::parse(target.substr(std::min(mark + 1, target.size())));
  if (!query) {
    return reject(400, "the query of the request is ill-formed");
  }
  path_ = path->empty() ? "/" : std::move(*path);
  query_ = std::move(*query);
}

}  // namespace bb::http
