#include "http/transfer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "http/public_address.hpp"

namespace bb::http {
namespace {

constexpr std::size_t header_bytes_limit = 256 * 1024;
constexpr long receive_bytes = 64 * 1024;  // at a time: answers of tens of KB are usual
constexpr std::size_t largest_reserved_bytes = 1024 * 1024;
constexpr std::size_t shown_bytes = 200;  // of an address in a message

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::optional<std::string> url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) {
    return std::nullopt;
  }
  std::string result(text);
  curl_free(text);
  return result;
}

struct Address {
  std::string host;
  std::string shown;  // "host:port/path" without user, query and fragment, which may hold secrets
};

std::optional<Address> address_of(const std::string& url_text) {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (!url) {
    throw std::bad_alloc();
  }
  if (curl_url_set(url.get(), CURLUPART_URL, url_text.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  const std::string scheme = url_part(url.get(), CURLUPART_SCHEME).value_or("");
  const auto host = url_part(url.get(), CURLUPART_HOST);
  if ((scheme != "http" && scheme != "https") || !host) {
    return std::nullopt;
  }
  const auto port = url_part(url.get(), CURLUPART_PORT);
  return Address{.host = *host,
                 .shown = *host + (port ? ":" + *port : "") +
                          url_part(url.get(), CURLUPART_PATH).value_or("/")};
}

bool is_allowed(const PublicOnly& only, std::string_view host) {
  return std::ranges::any_of(only.allowed_hosts, [&](const std::string& allowed) {
    return equals_ignoring_case(allowed, host);
  });
}

bool is_line_free(std::string_view text) {
  return text.find_first_of("\r\n") == text.npos;
}

// What curl reports where nothing can have reached the server's application.
constexpr std::array never_sent = {
    CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST,     CURLE_COULDNT_CONNECT,
    CURLE_SSL_CONNECT_ERROR,     CURLE_PEER_FAILED_VERIFICATION,
};

// What curl reports where the answer is not HTTP or not what it says to be.
constexpr std::array not_understood = {
    CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING,
    CURLE_UNSUPPORTED_PROTOCOL,  // of the answer: that of the address was checked before
};

// What curl reports where a connection ended under a request.
constexpr std::array cut_off = {
    CURLE_RECV_ERROR, CURLE_SEND_ERROR,   CURLE_GOT_NOTHING,
    CURLE_HTTP2,      CURLE_HTTP2_STREAM, CURLE_PARTIAL_FILE,
};

template <std::size_t Size>
bool contains(const std::array<CURLcode, Size>& codes, CURLcode code) {
  return std::ranges::find(codes, code) != codes.end();
}

}  // namespace

template <class Value>
void Transfer::set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle_.get(), option, value);
  if (code != CURLE_OK) {
    throw std::runtime_error(std::string("curl: ") + curl_easy_strerror(code));
  }
}

std::optional<Error> Transfer::prepare(const ClientSettings& settings) {
  const auto address = address_of(request_.url);
  if (!address) {
    return Error{.code = ErrorCode::invalid_input,
                 .message = "not an address of the form https://host/path"};
  }
  where_ = escape_control(truncate(request_.method + " " + address->shown, shown_bytes));

  const auto milliseconds = [](std::chrono::milliseconds time) {
    return static_cast<long>(std::max<std::int64_t>(time.count(), 1));  // 0 would mean for ever
  };
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a look-up of a name that hangs holds up nobody else
  set(CURLOPT_USERAGENT, settings.user_agent.c_str());
  set(CURLOPT_ACCEPT_ENCODING, "gzip");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(CURLOPT_PIPEWAIT, 1L);
  // Refused by a handle that kept its buffer when an earlier request found nobody: that one will
  // do.
  static_cast<void>(curl_easy_setopt(handle_.get(), CURLOPT_BUFFERSIZE, receive_bytes));
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS,
      milliseconds(request_.connect_time.value_or(settings.connect_time)));
  set(CURLOPT_TIMEOUT_MS, milliseconds(request_.total_time.value_or(settings.total_time)));
  set(CURLOPT_HEADERFUNCTION, &Transfer::take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  if (settings.public_only) {
    set(CURLOPT_PROXY, "");  // it would connect on our behalf to whatever it likes
    if (!is_allowed(*settings.public_only, address->host)) {
      set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_public_socket);
      set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    }
  }
  set_method();
  set_headers();
  return std::nullopt;
}

// Called with the very address that is connected to next, so a name that resolves differently each
// time gains nothing.
curl_socket_t Transfer::open_public_socket(void* transfer, curlsocktype /*purpose*/,
                                           curl_sockaddr* address) {
  if (!is_public(address->addr)) {
    static_cast<Transfer*>(transfer)->not_public_ = to_string(address->addr);
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// curl asks again by itself where a kept connection turns out to be closed, whatever the method.
// What is not idempotent must not be sent twice, so its body comes from a source that cannot be
// rewound, and without a body it gets a connection of its own.
void Transfer::set_method() {
  if (request_.method == "GET" && request_.body.empty()) {
    set(CURLOPT_HTTPGET, 1L);
    return;
  }
  if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  set(CURLOPT_FRESH_CONNECT, request_.body.empty() ? 1L : 0L);
  set(CURLOPT_POST, 1L);
  set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  set(CURLOPT_READFUNCTION, &Transfer::read_body);
  set(CURLOPT_READDATA, static_cast<void*>(this));
}

void Transfer::set_headers() {
  for (const auto& [name, value] : request_.headers.entries()) {
    if (is_line_free(name)) {
      append_header(value.empty() ? name + ";" : name + ": " + value);
    }
  }
  append_header("Expect:");  // would cost a second where the server does not know it
  if (!request_.headers.find("Content-Type")) {
    append_header("Content-Type:");  // curl would say that any body is a form
  }
  set(CURLOPT_HTTPHEADER, header_list_.get());
}

void Transfer::append_header(const std::string& line) {
  curl_slist* const list = curl_slist_append(header_list_.get(), line.c_str());
  if (list == nullptr) {
    throw std::bad_alloc();
  }
  // The head of the list stays the same but for the first line.
  static_cast<void>(header_list_.release());
  header_list_.reset(list);
}

bool Transfer::request_was_sent() const {
  long octets = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_REQUEST_SIZE, &octets);
  return octets > 0;
}

bool Transfer::may_repeat(CURLcode code) const {
  if (too_large_ || !contains(cut_off, code) ||
      (request_.method != "GET" && request_.method != "HEAD")) {
    return false;
  }
  long connections_made = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_NUM_CONNECTS, &connections_made);
  return connections_made == 0;
}

Result<Response> Transfer::result(CURLcode code) {
  if (code != CURLE_OK) {
    return fail(error(code));
  }
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (response_.headers.find("Content-Encoding") == "gzip") {
    // The body is decoded by now; what was said of the encoded one would mislead.
    response_.headers.remove("Content-Encoding");
    response_.headers.remove("Content-Length");
  }
  return std::move(response_);
}

Error Transfer::error(CURLcode code) const {
  if (code == CURLE_OUT_OF_MEMORY) {
    throw std::bad_alloc();
  }
  if (too_large_) {
    return {.code = ErrorCode::bad_response,
            .message = where_ + ": the answer is larger than " +
                       count_of(request_.body_bytes, "octet", "octets")};
  }
  if (!not_public_.empty() && !request_was_sent()) {
    return {.code = ErrorCode::forbidden,
            .message = where_ + ": " + not_public_ + " is not an address of the public Internet"};
  }
  ErrorCode meaning = ErrorCode::uncertain;
  if (contains(not_understood, code)) {
    meaning = ErrorCode::bad_response;
  } else if (contains(never_sent, code) || !request_was_sent()) {
    meaning = ErrorCode::unavailable;
  }
  // curl's general text: the detailed one may quote what was received.
  return {.code = meaning, .message = where_ + ": " + curl_easy_strerror(code)};
}

void Transfer::on_header_line(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    response_.headers = {};  // the head of an interim answer is not part of the final one
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    response_.headers.add(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
}

std::size_t Transfer::read_body(char* to, std::size_t size, std::size_t count, void* transfer) {
  auto& self = *static_cast<Transfer*>(transfer);
  const std::string_view left = std::string_view(self.request_.body).substr(self.body_sent_);
  const std::size_t taken = std::min(size * count, left.size());
  std::memcpy(to, left.data(), taken);
  self.body_sent_ += taken;
  return taken;
}

std::size_t Transfer::take_header(char* from, std::size_t size, std::size_t count, void* transfer) {
  auto& self = *static_cast<Transfer*>(transfer);
  const std::size_t length = size * count;
  self.header_bytes_ += length;
  if (self.header_bytes_ > header_bytes_limit) {
    self.too_large_ = true;
    return 0;
  }
  self.on_header_line({from, length});
  return length;
}

// What the answer says of its own length is a hint only.
void Transfer::reserve_body() {
  curl_off_t octets = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &octets);
  if (octets > 0) {
    response_.body.reserve(
        std::min({static_cast<std::size_t>(octets), request_.body_bytes, largest_reserved_bytes}));
  }
}

std::size_t Transfer::take_body(char* from, std::size_t size, std::size_t count, void* transfer) {
  auto& self = *static_cast<Transfer*>(transfer);
  const std::size_t length = size * count;
  if (length > self.request_.body_bytes - self.response_.body.size()) {
    self.too_large_ = true;
    return 0;
  }
  if (self.response_.body.empty()) {
    self.reserve_body();
  }
  self.response_.body.append(from, length);
  return length;
}

}  // namespace bb::http
