#include "app/outbound_http.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/version.hpp"
#include "base/log.hpp"
#include "features/feeds/formats/address.hpp"
#include "http/recording.hpp"

namespace bb::app {
namespace {

std::vector<Secret> secrets_of(const Config& config, const Secret& key) {
  std::vector<Secret> secrets = {config.slack.bot_token,
                                 config.slack.signing_secret,
                                 config.github.client_secret,
                                 config.feed_sources.x.consumer_secret,
                                 config.feed_sources.x.access_token_secret,
                                 config.feed_sources.x.access_token,
                                 config.secret_key,
                                 key};
  secrets.insert(secrets.end(), config.github.tokens.begin(), config.github.tokens.end());
  return secrets;
}

Result<std::unique_ptr<http::Client>> make_client(const Config& config, const Secret& key,
                                                  const Clock& clock,
                                                  std::optional<http::PublicOnly> public_only) {
  if (!config.http_replay.empty()) {
    auto replaying =
        http::ReplayingClient::open(config.http_replay, http::Masking(secrets_of(config, key)));
    if (!replaying) {
      return fail(replaying.error().within("HTTP_REPLAY"));
    }
    log::warning("http_replaying", {{"file", config.http_replay}});
    return *std::move(replaying);
  }
  auto client =
      http::make_curl_client({.user_agent = std::string("busy-beaver/") + version +
                                            " (+https://github.com/busy-beaver-dev/busy-beaver)",
                              .total_time = config.remote_time,
                              .public_only = std::move(public_only)});
  if (config.http_record.empty()) {
    return client;
  }
  auto recording = http::make_recording_client(std::move(client), config.http_record,
                                               http::Masking(secrets_of(config, key)), clock);
  if (!recording) {
    return fail(recording.error().within("HTTP_RECORD"));
  }
  log::warning("http_recording", {{"file", config.http_record}});
  return *std::move(recording);
}

}  // namespace

Result<std::unique_ptr<http::Client>> make_http_client(const Config& config, const Secret& key,
                                                       const Clock& clock) {
  return make_client(config, key, clock, std::nullopt);
}

Result<std::unique_ptr<http::Client>> make_feed_client(const Config& config, const Secret& key,
                                                       const Clock& clock) {
  std::vector<std::string> allowed = config.feed_allowed_hosts;
  for (const std::string& url :
       {config.feed_sources.x.api_url, config.feed_sources.bluesky_api_url}) {
    allowed.push_back(feeds::host_of(url));
  }
  return make_client(config, key, clock, http::PublicOnly{.allowed_hosts = std::move(allowed)});
}

}  // namespace bb::app
