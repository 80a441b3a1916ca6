#include "features/feeds/sources/x/authorization.hpp"

#include "crypto/crypto.hpp"
#include "features/feeds/sources/answer.hpp"
#include "features/feeds/sources/x/payload.hpp"
#include "http/percent_encoding.hpp"

namespace bb::feeds::x {
namespace {

constexpr std::size_t nonce_bytes = 16;

}  // namespace

void Authorization::sign(http::ClientRequest& request) const {
  request.headers.set(
      "Authorization",
      oauth1_authorization(keys_, request, crypto::to_hex(random_.bytes(nonce_bytes)),
                           clock_.now()));
}

http::ClientRequest Authorization::bearer_request() const {
  return {.method = "POST",
          .url = api_url_ + "/oauth2/token",
          .headers = {{"Authorization",
                       "Basic " +
                           crypto::to_base64(http::percent_encode(keys_.consumer_key) + ":" +
                                             http::percent_encode(keys_.consumer_secret.reveal()))},
                      {"Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"}},
          .body = "grant_type=client_credentials",
          .body_bytes = most_answer_bytes};
}

Result<std::string> Authorization::take_bearer(const Result<http::Response>& response) const {
  if (!response) {
    return fail(response.error());
  }
  if (response->status == 403) {  // how this endpoint says 401
    http::Response refused = *response;
    refused.status = 401;
    return fail(refusal(refused, clock_.now()));
  }
  if (response->status != 200) {
    return fail(refusal(*response, clock_.now()));
  }
  Result<std::string> bearer = parse_bearer(response->body);
  if (bearer) {
    bearer_.with([&](std::string& known) { known = *bearer; });
  }
  return bearer;
}

}  // namespace bb::feeds::x
