// X's API v2: tokens, signatures, the posts of an account, what it charges for
// (https://docs.x.com/x-api).
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <chrono>

#include "base/text.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "sim/markup.hpp"
#include "sim/social_state.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::chrono::minutes window_length{15};
constexpr std::chrono::minutes longest_skew{5};
constexpr std::size_t short_text = 280;
constexpr std::string_view problems = "https://api.twitter.com/2/problems/";

http::Response problem(int status, std::string_view title, std::string_view detail,
                       std::string_view type = "about:blank") {
  return social_json(
      status, object{{"title", title}, {"detail", detail}, {"type", type}, {"status", status}});
}

// With status 200, as X answers for what there is not.
http::Response nothing_found(std::string_view resource, std::string_view parameter,
                             std::string_view value) {
  return social_json(
      200,
      object{{"errors", array{object{{"value", value},
                                     {"detail", fmt::format("Could not find {} with {}: [{}].",
                                                            resource, parameter, value)},
                                     {"title", "Not Found Error"},
                                     {"resource_type", resource},
                                     {"parameter", parameter},
                                     {"resource_id", value},
                                     {"type", fmt::format("{}resource-not-found", problems)}}}}});
}

// RFC 3986 section 2.1 with upper-case digits, as OAuth wants it.
std::string encoded(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;  // encoded

// oauth_nonce="...", oauth_token="...": encoded values in quotes.
Pairs authorization_pairs(std::string_view header) {
  Pairs found;
  for (std::string_view part : split(header, ',')) {
    part = trim(part);
    const std::size_t equals = part.find("=\"");
    if (equals != std::string_view::npos && part.ends_with('"') && part.size() >= equals + 3) {
      found.emplace_back(part.substr(0, equals), part.substr(equals + 2, part.size() - equals - 3));
    }
  }
  return found;
}

std::string value_of(const Pairs& pairs, std::string_view name) {
  const auto found = std::ranges::find(pairs, name, &Pairs::value_type::first);
  return found == pairs.end() ? std::string()
                              : http::percent_decode(found->second).value_or(std::string());
}

// RFC 5849 section 3.4.
std::string signature_of(const SocialCall& call, Pairs pairs) {
  std::erase_if(pairs, [](const auto& pair) { return pair.first == "oauth_signature"; });
  const std::string query = call.request.query.encode();
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) {
      pairs.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    }
  }
  std::ranges::sort(pairs);
  std::string joined;
  for (const auto& [name, value] : pairs) {
    joined += (joined.empty() ? "" : "&") + name + "=" + value;
  }
  const std::string text =
      call.request.method + "&" + encoded(call.base + call.request.path) + "&" + encoded(joined);
  return crypto::to_base64(
      crypto::hmac_sha1(Secret(encoded(call.options.x_consumer_secret.reveal()) + "&" +
                               encoded(call.options.x_access_token_secret.reveal())),
                        text));
}

bool is_signed(const SocialCall& call, std::string_view header) {
  const Pairs pairs = authorization_pairs(header);
  const auto seconds = parse_integer(value_of(pairs, "oauth_timestamp"));
  return seconds &&
         std::chrono::abs(TimePoint(std::chrono::seconds(*seconds)) - call.now) <= longest_skew &&
         value_of(pairs, "oauth_consumer_key") == call.options.x_consumer_key &&
         value_of(pairs, "oauth_token") == call.options.x_access_token &&
         value_of(pairs, "oauth_signature_method") == "HMAC-SHA1" &&
         !value_of(pairs, "oauth_nonce").empty() &&
         value_of(pairs, "oauth_signature") == signature_of(call, pairs);
}

// "app" or "user"; nothing where the credentials are not good.
std::optional<std::string> identity_of(const SocialState& state, const SocialCall& call) {
  const std::string header = call.request.headers.find("Authorization").value_or("");
  constexpr std::string_view bearer = "Bearer ";
  constexpr std::string_view oauth = "OAuth ";
  if (header.starts_with(bearer) && state.x_bearers.contains(header.substr(bearer.size()))) {
    return "app";
  }
  if (header.starts_with(oauth) && is_signed(call, std::string_view(header).substr(oauth.size()))) {
    return "user";
  }
  return std::nullopt;
}

http::Response token(SocialState& state, const SocialCall& call) {
  const std::string expected =
      "Basic " + crypto::to_base64(encoded(call.options.x_consumer_key) + ":" +
                                   encoded(call.options.x_consumer_secret.reveal()));
  const auto form = http::Parameters::parse(call.request.body);
  if (call.request.headers.find("Authorization") != expected || !form ||
      form->find("grant_type") != "client_credentials") {
    return social_json(
        403, object{{"errors", array{object{{"code", 99},
                                            {"message", "Unable to verify your credentials"},
                                            {"label", "authenticity_token_error"}}}}});
  }
  const std::string bearer = "AAAA" + crypto::to_hex(call.random.bytes(20));
  state.x_bearers.insert(bearer);
  return social_json(200, object{{"token_type", "bearer"}, {"access_token", bearer}});
}

// What an answer shows of a post, as it is for those who ask for no more fields.
struct Version {
  const StoredPost* post;
  std::string_view id;
  std::string_view text;
};

Version latest(const StoredPost& post) {
  return {.post = &post,
          .id = post.versions.empty() ? post.id : post.versions.back(),
          .text = post.post.text};
}

object post_json(const Version& version, const SocialCall& call) {
  const StoredPost& stored = *version.post;
  const SocialPost& post = stored.post;
  const std::string fields = "," + call.request.query.find("tweet.fields").value_or("") + ",";
  const auto wants = [&](std::string_view field) {
    return fields.contains(fmt::format(",{},", field));
  };
  const std::string short_link = "https://t.co/" + stored.id.substr(stored.id.size() - 10);
  std::string text = in_markup(version.text);
  array urls;
  if (!post.link.empty()) {
    text += " " + short_link;
    urls.push_back(object{{"url", short_link}, {"expanded_url", post.link}});
  }
  array hashtags;
  for (const std::string& hashtag : hashtags_of(version.text)) {
    hashtags.push_back(object{{"tag", hashtag}});
  }
  const object entities{{"urls", urls}, {"hashtags", hashtags}};
  array versions;
  for (const std::string& id : stored.versions) {
    versions.push_back(boost::json::value(id));
  }
  if (versions.empty()) {
    versions.push_back(boost::json::value(stored.id));
  }
  object json{{"id", version.id},
              {"text", truncate(text, short_text)},
              {"edit_history_tweet_ids", std::move(versions)}};
  if (!post.repost_of.empty()) {
    json["text"] = fmt::format("RT @{}: {}", post.repost_of, text);
  }
  if (wants("created_at")) {
    json["created_at"] = format_rfc3339(stored.at);
  }
  if (wants("entities")) {
    json["entities"] = entities;
  }
  if (wants("note_tweet") && text.size() > short_text) {
    json["note_tweet"] = object{{"text", text}, {"entities", entities}};
  }
  if (wants("attachments") && post.pictures > 0) {
    array keys;
    for (std::size_t i = 0; i < post.pictures; ++i) {
      keys.push_back(boost::json::value(fmt::format("3_{}{}", stored.id, i)));
    }
    json["attachments"] = object{{"media_keys", std::move(keys)}};
  }
  if (wants("possibly_sensitive")) {
    json["possibly_sensitive"] = !post.content_warning.empty();
  }
  if (wants("referenced_tweets") && (post.is_reply || !post.repost_of.empty())) {
    json["referenced_tweets"] =
        array{object{{"type", post.is_reply ? "replied_to" : "retweeted"}, {"id", "20"}}};
  }
  return json;
}

// Unless it was charged for on the same day.
void charge(SocialState& state, const SocialCall& call, std::string_view id) {
  const std::int64_t day =
      std::chrono::floor<std::chrono::days>(call.now).time_since_epoch().count();
  if (state.x_billed.emplace(day, id).second && state.x_credits) {
    --*state.x_credits;
  }
}

std::size_t offset_of(const http::Request& request) {
  const auto token = request.query.find("pagination_token");
  return token ? static_cast<std::size_t>(
                     std::max<std::int64_t>(parse_integer(*token).value_or(0), 0))
               : 0;
}

// Those that the request asks for, newest first.
std::vector<Version> timeline_of(const SocialAccount& account, const SocialCall& call) {
  const std::string exclude = call.request.query.find("exclude").value_or("");
  const std::int64_t since =
      parse_integer(call.request.query.find("since_id").value_or("")).value_or(0);
  const std::int64_t until =
      parse_integer(call.request.query.find("until_id").value_or("")).value_or(0);
  std::vector<Version> found;
  for (const StoredPost* post : visible_posts(account, call.now)) {
    const Version version = latest(*post);
    if ((post->post.is_reply && exclude.contains("replies")) ||
        (!post->post.repost_of.empty() && exclude.contains("retweets")) ||
        parse_integer(version.id).value_or(0) <= since ||
        (until > 0 && parse_integer(version.id).value_or(0) >= until)) {
      continue;
    }
    found.push_back(version);
  }
  return found;
}

http::Response posts_of(SocialState& state, const SocialCall& call, const SocialAccount& account) {
  const auto asked = parse_integer(call.request.query.find("max_results").value_or("10"));
  if (!asked || *asked < 5 || *asked > 100) {
    return problem(400, "Invalid Request", "One or more parameters to your request was invalid.",
                   fmt::format("{}invalid-request", problems));
  }
  const std::vector<Version> all = timeline_of(account, call);
  const std::size_t first = std::min(offset_of(call.request), all.size());
  const std::size_t end = std::min(first + static_cast<std::size_t>(*asked), all.size());
  array data;
  for (std::size_t i = first; i < end; ++i) {
    charge(state, call, all[i].id);
    data.push_back(post_json(all[i], call));
  }
  object meta{{"result_count", data.size()}};
  if (data.empty()) {
    return social_json(200, object{{"meta", std::move(meta)}});
  }
  meta["newest_id"] = all[first].id;
  meta["oldest_id"] = all[end - 1].id;
  if (end < all.size()) {
    meta["next_token"] = std::to_string(end);
  }
  return social_json(200, object{{"data", std::move(data)}, {"meta", std::move(meta)}});
}

// As it was with this id.
std::optional<Version> find_version(const SocialState& state, std::string_view id, TimePoint now) {
  for (const auto& [key, account] : state.accounts) {
    if (account.network != Network::x) {
      continue;
    }
    for (const StoredPost* post : visible_posts(account, now)) {
      const auto version = std::ranges::find(post->versions, id);
      if (version != post->versions.end()) {
        const auto at = static_cast<std::size_t>(version - post->versions.begin());
        return Version{.post = post, .id = *version, .text = post->texts[at]};
      }
      if (post->id == id) {
        return latest(*post);
      }
    }
  }
  return std::nullopt;
}

http::Response resource(SocialState& state, const SocialCall& call) {
  constexpr std::string_view by_name = "/2/users/by/username/";
  constexpr std::string_view users = "/2/users/";
  constexpr std::string_view timeline = "/tweets";
  constexpr std::string_view posts = "/2/tweets/";
  if (call.path.starts_with(by_name)) {
    const std::string_view name = call.path.substr(by_name.size());
    const SocialAccount* account = state.find(Network::x, name);
    if (account == nullptr) {
      return nothing_found("user", "username", name);
    }
    ++state.x_user_reads;
    return social_json(200, object{{"data", object{{"id", account->id},
                                                   {"name", account->name},
                                                   {"username", account->name}}}});
  }
  if (call.path.starts_with(users) && call.path.ends_with(timeline)) {
    const std::string_view id =
        call.path.substr(users.size(), call.path.size() - users.size() - timeline.size());
    const SocialAccount* account = state.find_by_id(Network::x, id);
    return account == nullptr ? nothing_found("user", "id", id) : posts_of(state, call, *account);
  }
  if (call.path.starts_with(posts)) {
    const std::string_view id = call.path.substr(posts.size());
    const auto version = find_version(state, id, call.now);
    if (!version) {
      return nothing_found("tweet", "id", id);
    }
    charge(state, call, version->id);
    return social_json(200, object{{"data", post_json(*version, call)}});
  }
  return problem(404, "Not Found", "Not Found");
}

}  // namespace

http::Response answer_x(SocialState& state, const SocialCall& call) {
  if (call.request.method == "POST" && call.path == "/oauth2/token") {
    return token(state, call);
  }
  const auto identity = identity_of(state, call);
  if (!identity) {
    return problem(401, "Unauthorized", "Unauthorized");
  }
  XWindow& window = state.x_windows[*identity];
  if (window.ends <= call.now) {
    window = {.ends = call.now + window_length, .used = 0};
  }
  const std::int64_t limit =
      *identity == "app" ? call.options.x_app_limit : call.options.x_user_limit;
  const bool is_over = window.used >= limit;
  window.used += is_over ? 0 : 1;
  http::Response response = is_over ? problem(429, "Too Many Requests", "Too Many Requests")
                            : state.x_credits && *state.x_credits <= 0
                                ? problem(402, "CreditsDepleted",
                                          "Your enrolled account does not have any credits to "
                                          "fulfill this request.",
                                          fmt::format("{}credits", problems))
                                : resource(state, call);
  response.headers.set("x-rate-limit-limit", std::to_string(limit));
  response.headers.set("x-rate-limit-remaining", std::to_string(limit - window.used));
  response.headers.set("x-rate-limit-reset",
                       std::to_string(window.ends.time_since_epoch().count() / 1'000));
  return response;
}

}  // namespace bb::sim
