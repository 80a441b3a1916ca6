// One request and its answer on a libcurl easy handle.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/client.hpp"
#include "http/multi.hpp"

namespace bb::http {

class Transfer {
 public:
  // `request` must outlive the transfer.
  Transfer(const ClientRequest& request, Easy handle)
      : request_(request), handle_(std::move(handle)) {}
  Transfer(Transfer&&) = delete;
  Transfer& operator=(Transfer&&) = delete;
  ~Transfer() = default;

  // An error where the address is not one that can be asked.
  std::optional<Error> prepare(const ClientSettings& settings);

  [[nodiscard]] CURL* handle() const { return handle_.get(); }
  Easy release_handle() { return std::move(handle_); }

  // Whether asking once more is safe and likely to help: the server closed a kept connection just
  // when a request that changes nothing was put on it.
  [[nodiscard]] bool may_repeat(CURLcode code) const;

  // What the ended transfer means.
  Result<Response> result(CURLcode code);

 private:
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  template <class Value>
  void set(CURLoption option, Value value);
  void set_method();
  void set_headers();
  void append_header(const std::string& line);
  [[nodiscard]] bool request_was_sent() const;
  [[nodiscard]] Error error(CURLcode code) const;

  void reserve_body();
  static curl_socket_t open_public_socket(void* transfer, curlsocktype purpose,
                                          curl_sockaddr* address);
  void on_header_line(std::string_view line);
  static std::size_t read_body(char* to, std::size_t size, std::size_t count, void* transfer);
  static std::size_t take_header(char* from, std::size_t size, std::size_t count, void* transfer);
  static std::size_t take_body(char* from, std::size_t size, std::size_t count, void* transfer);

  const ClientRequest& request_;
  std::unique_ptr<curl_slist, FreeList> header_list_;  // outlives the handle that names it
  Easy handle_;
  std::string where_;          // method, host and path, for messages
  std::string not_public_;     // the address that was not connected to
  std::size_t body_sent_ = 0;  // octets of the request's body handed to curl
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  Response response_;
};

}  // namespace bb::http
