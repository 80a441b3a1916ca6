// Clients that write down what is sent and received, and that answer from what was written down.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/client.hpp"
#include "http/masking.hpp"
#include "http/recorded_exchange.hpp"

namespace bb::http {

// Sends through `inner` and appends each exchange, masked, to `file`, which is made with mode 0600.
// A disk that fails later ends the recording with a warning in the log, the requests go on. An
// error if the file cannot be written, or holds something else than a recording.
Result<std::unique_ptr<Client>> make_recording_client(std::unique_ptr<Client> inner,
                                                      const std::string& file, Masking masking,
                                                      const Clock& clock);

// Answers each request with the first unused exchange whose method, address, body and If-None-Match
// are the same, once all are masked; the order of different requests does not matter. Any other
// request is a bad_response that names it, and sends nothing. Safe to use from several threads.
class ReplayingClient : public Client {
 public:
  // `masking` has to know the secrets of the requests to come, which may stand in their bodies.
  static Result<std::unique_ptr<ReplayingClient>> open(const std::string& file,
                                                       Masking masking = {});

  // "GET https://..." of each exchange that was not asked for, in their order.
  [[nodiscard]] virtual std::vector<std::string> unused() const = 0;
};

}  // namespace bb::http
