// The credentials of requests to X: the signature of a person, or the bearer token of the app,
// which is kept in memory and fetched anew when X refuses it.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "features/feeds/exchange.hpp"
#include "features/feeds/sources/x/oauth1.hpp"

namespace bb::feeds::x {

class Authorization {
 public:
  Authorization(const Clock& clock, Random& random, std::string api_url, OAuth1Keys keys)
      : clock_(clock), random_(random), api_url_(std::move(api_url)), keys_(std::move(keys)) {}

  [[nodiscard]] bool is_configured() const {
    return !keys_.consumer_key.empty() && !keys_.consumer_secret.empty();
  }

  // The request with credentials, after a request for them where that is needed. Must outlive the
  // exchanges.
  template <class T>
  using Then = std::function<Step<T>(const Result<http::Response>&)>;
  template <class T>
  Step<T> send(http::ClientRequest request, Then<T> then) const {
    if (!keys_.token.empty()) {
      sign(request);
      return Exchange<T>{.request = std::move(request), .then = std::move(then)};
    }
    const std::string bearer = bearer_.with([](const std::string& known) { return known; });
    if (bearer.empty()) {
      return renew<T>(std::move(request), std::move(then));
    }
    request.headers.set("Authorization", "Bearer " + bearer);
    return Exchange<T>{
        .request = request,
        .then = [this, request, then](const Result<http::Response>& response) -> Step<T> {
          return response && response->status == 401 ? renew<T>(request, then) : then(response);
        }};
  }

 private:
  template <class T>
  Step<T> renew(http::ClientRequest request, Then<T> then) const {
    return Exchange<T>{.request = bearer_request(),
                       .then = [this, request = std::move(request), then = std::move(then)](
                                   const Result<http::Response>& response) mutable -> Step<T> {
                         const Result<std::string> bearer = take_bearer(response);
                         if (!bearer) {
                           return Result<T>(fail(bearer.error()));
                         }
                         request.headers.set("Authorization", "Bearer " + *bearer);
                         return Exchange<T>{.request = std::move(request), .then = std::move(then)};
                       }};
  }

  void sign(http::ClientRequest& request) const;
  [[nodiscard]] http::ClientRequest bearer_request() const;
  Result<std::string> take_bearer(const Result<http::Response>& response) const;

  const Clock& clock_;
  Random& random_;
  const std::string api_url_;
  const OAuth1Keys keys_;  // without a token: the app itself asks
  mutable Guarded<std::string> bearer_;
};

}  // namespace bb::feeds::x
