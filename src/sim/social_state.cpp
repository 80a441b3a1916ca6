#include "sim/social_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"

namespace bb::sim {
namespace {

// Ids that differ by network and name, and are the same in every run.
std::string account_id(Network network, std::string_view name) {
  const std::string digest =
      crypto::to_hex(crypto::sha256(fmt::format("{}/{}", static_cast<int>(network), name)));
  switch (network) {
    case Network::x:
    case Network::mastodon: {
      std::string digits;
      for (const char letter : digest.substr(0, 15)) {
        digits += static_cast<char>('0' + (letter >= 'a' ? letter - 'a' : letter - '0'));
      }
      return "1" + digits;
    }
    case Network::bluesky: {
      std::string plc = digest.substr(0, 24);
      for (char& letter : plc) {
        letter = letter < '2' ? 'z' : letter > '7' && letter <= '9' ? 'y' : letter;
      }
      return "did:plc:" + plc;
    }
    case Network::youtube:
      return "UC" + digest.substr(0, 22);
    case Network::rss:
    case Network::atom:
    case Network::json_feed:
      return std::string(name);
  }
  return {};
}

}  // namespace

SocialAccount& SocialState::account(Network network, std::string_view name) {
  const auto [found, is_new] = accounts.try_emplace({network, std::string(name)});
  if (is_new) {
    found->second.network = network;
    found->second.name = name;
    found->second.id = account_id(network, name);
  }
  return found->second;
}

const SocialAccount* SocialState::find(Network network, std::string_view name) const {
  const auto found = std::ranges::find_if(accounts, [&](const auto& entry) {
    return entry.first.first == network && equals_ignoring_case(entry.first.second, name);
  });
  return found == accounts.end() ? nullptr : &found->second;
}

const SocialAccount* SocialState::find_by_id(Network network, std::string_view id) const {
  const auto found = std::ranges::find_if(accounts, [&](const auto& entry) {
    return entry.first.first == network && entry.second.id == id;
  });
  return found == accounts.end() ? nullptr : &found->second;
}

std::vector<const StoredPost*> visible_posts(const SocialAccount& account, TimePoint now) {
  std::vector<const StoredPost*> found;
  for (const StoredPost& post : account.posts) {
    if (post.at <= now) {
      found.push_back(&post);
    }
  }
  // Of two at the same moment the one added last is newer.
  std::ranges::sort(found, [](const auto* left, const auto* right) {
    return left->at != right->at ? left->at > right->at : left > right;
  });
  return found;
}

TimePoint last_change(const SocialAccount& account, TimePoint now) {
  const std::vector<const StoredPost*> posts = visible_posts(account, now);
  return posts.empty() ? account.changed_at : std::max(account.changed_at, posts.front()->at);
}

std::string text_with(const StoredPost& post, std::string_view link) {
  return link.empty() ? post.post.text
                      : post.post.text + (post.post.text.empty() ? "" : " ") + std::string(link);
}

std::vector<std::string> hashtags_of(std::string_view text) {
  std::vector<std::string> found;
  for (const std::string_view word : split(text, ' ')) {
    if (word.size() > 1 && word.front() == '#') {
      found.push_back(to_lower(word.substr(1)));
    }
  }
  return found;
}

std::size_t number_or(const http::Request& request, std::string_view name, std::size_t otherwise,
                      std::size_t most) {
  const auto text = request.query.find(name);
  const auto number = text ? parse_integer(*text) : std::nullopt;
  return number && *number >= 1 ? std::min(static_cast<std::size_t>(*number), most) : otherwise;
}

http::Response conditional(const http::Request& request, http::Response response,
                           TimePoint changed_at) {
  const std::string tag =
      "W/\"" + crypto::to_hex(crypto::sha256(response.body)).substr(0, 32) + "\"";
  const std::string date = format_http_date(changed_at);
  const auto asked_tag = request.headers.find("If-None-Match");
  // RFC 9110 section 13.1.3: the date counts only where no tag is given.
  const bool is_same =
      asked_tag ? *asked_tag == tag : request.headers.find("If-Modified-Since") == date;
  if (is_same) {
    response = {.status = 304, .headers = {}, .body = {}};
  }
  response.headers.set("ETag", tag);
  response.headers.set("Last-Modified", date);
  return response;
}

http::Response social_json(int status, const boost::json::value& body) {
  return http::json_response(status, boost::json::serialize(body));
}

}  // namespace bb::sim
