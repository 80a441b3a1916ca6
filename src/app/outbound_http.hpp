// The HTTP clients: one for everything that is asked of Slack and GitHub, one for what people name.
#pragma once

#include <memory>

#include "app/config.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/client.hpp"

namespace bb::app {

// Over the network; with HTTP_RECORD it writes a recording, with HTTP_REPLAY it answers from one
// and uses no network. `key` is masked like the secrets of the configuration.
Result<std::unique_ptr<http::Client>> make_http_client(const Config& config, const Secret& key,
                                                       const Clock& clock);

// The same for addresses that people gave: it connects only to the public Internet and to the hosts
// of FEED_ALLOWED_HOSTS.
Result<std::unique_ptr<http::Client>> make_feed_client(const Config& config, const Secret& key,
                                                       const Clock& clock);

}  // namespace bb::app
