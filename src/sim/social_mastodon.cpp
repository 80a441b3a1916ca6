// A Mastodon instance: accounts, their statuses, the RSS of an account
// (https://docs.joinmastodon.org/methods/accounts/).
#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/text.hpp"
#include "base/time.hpp"
#include "sim/markup.hpp"
#include "sim/social_state.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t default_limit = 20;
constexpr std::size_t most_statuses = 40;
constexpr std::size_t feed_length = 20;
constexpr std::size_t shown_of_link = 30;

http::Response refusal(int status, std::string_view message) {
  return social_json(status, object{{"error", message}});
}

std::string profile_of(const SocialCall& call, std::string_view name) {
  return fmt::format("{}/@{}", call.base, name);
}

// Most of a link is there for machines only.
std::string link_html(const std::string& link) {
  const std::size_t scheme = link.find("://");
  const std::size_t shown = scheme == std::string::npos ? 0 : scheme + 3;
  const std::string_view rest = std::string_view(link).substr(shown);
  const bool is_cut = rest.size() > shown_of_link;
  return fmt::format(
      "<a href=\"{}\" target=\"_blank\" rel=\"nofollow noopener\"><span "
      "class=\"invisible\">{}</span>"
      "<span class=\"{}\">{}</span><span class=\"invisible\">{}</span></a>",
      in_markup(link), in_markup(link.substr(0, shown)), is_cut ? "ellipsis" : "",
      in_markup(rest.substr(0, shown_of_link)),
      in_markup(is_cut ? rest.substr(shown_of_link) : ""));
}

std::string content_of(const StoredPost& post, const SocialCall& call) {
  std::string html;
  for (const std::string_view word : split(post.post.text, ' ')) {
    html += html.empty() ? "" : " ";
    html += word.size() > 1 && word.front() == '#'
                ? fmt::format(
                      "<a href=\"{0}/tags/{1}\" class=\"mention hashtag\" rel=\"tag\">#<span>"
                      "{1}</span></a>",
                      call.base, in_markup(word.substr(1)))
                : in_markup(word);
  }
  if (!post.post.link.empty()) {
    html += " " + link_html(post.post.link);
  }
  return "<p>" + html + "</p>";
}

object account_json(const SocialAccount& account, const SocialCall& call) {
  return {{"id", account.id},
          {"username", account.name},
          {"acct", account.name},
          {"display_name", account.name},
          {"url", profile_of(call, account.name)}};
}

array attachments_of(const StoredPost& post) {
  array found;
  for (std::size_t i = 0; i < post.post.pictures; ++i) {
    found.push_back(object{{"id", fmt::format("{}{}", post.id, i)}, {"type", "image"}});
  }
  return found;
}

object status_json(const SocialAccount& account, const StoredPost& post, const SocialCall& call) {
  array tags;
  for (const std::string& tag : hashtags_of(post.post.text)) {
    tags.push_back(object{{"name", tag}, {"url", call.base + "/tags/" + tag}});
  }
  object status{{"id", post.id},
                {"created_at", format_rfc3339(post.at)},
                {"in_reply_to_id", nullptr},
                {"in_reply_to_account_id", nullptr},
                {"sensitive", !post.post.content_warning.empty()},
                {"spoiler_text", post.post.content_warning},
                {"visibility", "public"},
                {"uri", fmt::format("{}/users/{}/statuses/{}", call.base, account.name, post.id)},
                {"url", fmt::format("{}/{}", profile_of(call, account.name), post.id)},
                {"content", content_of(post, call)},
                {"reblog", nullptr},
                {"account", account_json(account, call)},
                {"media_attachments", attachments_of(post)},
                {"tags", std::move(tags)}};
  if (post.post.is_reply) {
    status["in_reply_to_id"] = "1";
    status["in_reply_to_account_id"] = "2";
  }
  if (!post.post.repost_of.empty()) {
    object original = status;
    original["id"] = "1";
    original["url"] = fmt::format("{}/1", profile_of(call, post.post.repost_of));
    original["account"] = object{{"id", "2"},
                                 {"username", post.post.repost_of},
                                 {"acct", post.post.repost_of},
                                 {"display_name", post.post.repost_of},
                                 {"url", profile_of(call, post.post.repost_of)}};
    status["content"] = "";
    status["reblog"] = std::move(original);
  }
  return status;
}

// min_id asks for the oldest of those after it, all else for the newest.
http::Response statuses_of(const SocialAccount& account, const SocialCall& call) {
  const http::Parameters& query = call.request.query;
  const auto id = [&](std::string_view name) {
    return parse_integer(query.find(name).value_or("")).value_or(0);
  };
  const std::int64_t after = std::max(id("since_id"), id("min_id"));
  const std::int64_t before = id("max_id");
  std::vector<const StoredPost*> found;
  for (const StoredPost* post : visible_posts(account, call.now)) {
    const std::int64_t own = parse_integer(post->id).value_or(0);
    if (own <= after || (before > 0 && own >= before) ||
        (post->post.is_reply && query.find("exclude_replies") == "true") ||
        (!post->post.repost_of.empty() && query.find("exclude_reblogs") == "true")) {
      continue;
    }
    found.push_back(post);
  }
  const std::size_t limit = number_or(call.request, "limit", default_limit, most_statuses);
  if (found.size() > limit && id("min_id") > 0) {
    found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(limit));
  }
  found.resize(std::min(found.size(), limit));
  array statuses;
  for (const StoredPost* post : found) {
    statuses.push_back(status_json(account, *post, call));
  }
  return social_json(200, statuses);
}

http::Response rss_of(const SocialAccount& account, const SocialCall& call) {
  std::string items;
  std::size_t count = 0;
  for (const StoredPost* post : visible_posts(account, call.now)) {
    if (!post->post.repost_of.empty() || post->post.is_reply || ++count > feed_length) {
      continue;
    }
    const std::string url = fmt::format("{}/{}", profile_of(call, account.name), post->id);
    const std::string warning =
        post->post.content_warning.empty()
            ? ""
            : fmt::format("<p><strong>Content warning:</strong>{}</p><hr />",
                          in_markup(post->post.content_warning));
    items += fmt::format(
        "<item><guid isPermaLink=\"true\">{0}</guid><link>{0}</link><pubDate>{1}</pubDate>"
        "<description>{2}</description>",
        url, format_http_date(post->at), in_markup(warning + content_of(*post, call)));
    for (std::size_t i = 0; i < post->post.pictures; ++i) {
      items += fmt::format(
          "<media:content url=\"{}/{}.jpg\" type=\"image/jpeg\" medium=\"image\"/>", url, i);
    }
    for (const std::string& tag : hashtags_of(post->post.text)) {
      items += fmt::format("<category>{}</category>", in_markup(tag));
    }
    items += "</item>";
  }
  return {
      .status = 200,
      .headers = {{"Content-Type", "application/rss+xml; charset=utf-8"},
                  {"Cache-Control", "max-age=60, public"}},
      .body = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" "
                          "xmlns:media=\"http://search.yahoo.com/mrss/\"><channel><title>{}</title>"
                          "<link>{}</link>{}</channel></rss>",
                          in_markup(account.name), profile_of(call, account.name), items)};
}

http::Response api(const SocialState& state, const SocialCall& call) {
  constexpr std::string_view lookup = "/api/v1/accounts/lookup";
  constexpr std::string_view accounts = "/api/v1/accounts/";
  constexpr std::string_view timeline = "/statuses";
  constexpr std::string_view statuses = "/api/v1/statuses/";
  if (call.path == lookup) {
    const SocialAccount* account =
        state.find(Network::mastodon, call.request.query.find("acct").value_or(""));
    return account == nullptr ? refusal(404, "Record not found")
                              : social_json(200, account_json(*account, call));
  }
  if (call.path.starts_with(accounts) && call.path.ends_with(timeline)) {
    const SocialAccount* account = state.find_by_id(
        Network::mastodon,
        call.path.substr(accounts.size(), call.path.size() - accounts.size() - timeline.size()));
    return account == nullptr ? refusal(404, "Record not found") : statuses_of(*account, call);
  }
  if (call.path.starts_with(statuses)) {
    const std::string_view id = call.path.substr(statuses.size());
    for (const auto& [key, account] : state.accounts) {
      if (account.network != Network::mastodon) {
        continue;
      }
      for (const StoredPost* post : visible_posts(account, call.now)) {
        if (post->id == id) {
          return social_json(200, status_json(account, *post, call));
        }
      }
    }
  }
  return refusal(404, "Record not found");
}

http::Response status_page(const SocialState& state, const SocialCall& call) {
  for (const auto& [key, account] : state.accounts) {
    for (const StoredPost* post : visible_posts(account, call.now)) {
      if (fmt::format("{}/{}", profile_of(call, account.name), post->id) ==
          call.base + std::string(call.path)) {
        return http::html_response(200, "<!DOCTYPE html><title>Post</title>");
      }
    }
  }
  return http::html_response(404, "<!DOCTYPE html><title>404</title>");
}

}  // namespace

http::Response answer_mastodon(const SocialState& state, const SocialCall& call) {
  constexpr std::string_view profile = "/@";
  constexpr std::string_view feed = ".rss";
  if (call.path.starts_with(profile) && call.path.find('/', profile.size()) != call.path.npos) {
    return status_page(state, call);
  }
  if (call.path.starts_with(profile)) {
    const SocialAccount* account =
        call.path.ends_with(feed)
            ? state.find(
                  Network::mastodon,
                  call.path.substr(profile.size(), call.path.size() - profile.size() - feed.size()))
            : nullptr;
    return account == nullptr
               ? http::html_response(404, "<!DOCTYPE html><title>404</title>")
               : conditional(call.request, rss_of(*account, call), last_change(*account, call.now));
  }
  if (state.mastodon_refusal) {
    return refusal(*state.mastodon_refusal, "This method requires an authenticated user");
  }
  http::Response response = api(state, call);
  response.headers.set("X-RateLimit-Limit", "300");
  response.headers.set("X-RateLimit-Remaining", "299");
  response.headers.set("X-RateLimit-Reset", format_rfc3339(call.now + std::chrono::minutes(5)));
  return response;
}

}  // namespace bb::sim
