// Feeds of the web, YouTube's among them, with conditional requests, and pages that name a feed.
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

constexpr std::string_view youtube_path = "/feeds/videos.xml";
constexpr std::string_view pages = "/pages/";
constexpr std::string_view items = "/items/";
constexpr std::size_t feed_length = 15;

struct Form {
  Network network;
  std::string_view ending;
  std::string_view type;
};

constexpr Form forms[] = {
    {Network::rss, ".rss", "application/rss+xml"},
    {Network::atom, ".atom", "application/atom+xml"},
    {Network::json_feed, ".json", "application/feed+json"},
};

std::string site_of(const SocialAccount& account) {
  return fmt::format("https://{}.example/", account.name);
}

// Of its own page.
std::string link_of(const StoredPost& post, const SocialCall& call) {
  return fmt::format("{}{}{}", call.base, items, post.id.substr(post.id.find("://") + 3));
}

std::string rss_item(const StoredPost& post, const SocialCall& call) {
  std::string item = fmt::format(
      "<item><title>{}</title><link>{}</link><guid>{}</guid><pubDate>{}</pubDate>"
      "<description>{}</description>",
      in_markup(post.post.title), in_markup(link_of(post, call)), in_markup(post.id),
      format_http_date(post.at), in_markup(text_with(post, post.post.link)));
  for (const std::string& tag : hashtags_of(post.post.text)) {
    item += fmt::format("<category>{}</category>", in_markup(tag));
  }
  return item + "</item>";
}

using Posts = std::vector<const StoredPost*>;

std::string rss(const SocialAccount& account, const Posts& posts, const SocialCall& call) {
  std::string listed;
  for (const StoredPost* post : posts) {
    listed += rss_item(*post, call);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>{}</title>"
      "<link>{}</link><description>Simulated</description>{}</channel></rss>",
      in_markup(account.name), site_of(account), listed);
}

std::string atom(const SocialAccount& account, const Posts& posts, const SocialCall& call) {
  std::string entries;
  for (const StoredPost* post : posts) {
    entries += fmt::format(
        "<entry><id>{0}</id><title>{1}</title><link href=\"{4}\"/><published>{2}</published>"
        "<updated>{2}</updated><content type=\"html\">{3}</content></entry>",
        in_markup(post->id), in_markup(post->post.title), format_rfc3339(post->at),
        in_markup(in_markup(text_with(*post, post->post.link))), in_markup(link_of(*post, call)));
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\">"
      "<id>{0}</id><title>{1}</title><link href=\"{0}\"/><updated>{2}</updated>"
      "<author><name>{1}</name></author>{3}</feed>",
      site_of(account), in_markup(account.name), format_rfc3339(account.changed_at), entries);
}

std::string json_feed(const SocialAccount& account, const Posts& posts, const SocialCall& call) {
  array listed;
  for (const StoredPost* post : posts) {
    listed.push_back(object{{"id", post->id},
                            {"url", link_of(*post, call)},
                            {"title", post->post.title},
                            {"content_text", text_with(*post, post->post.link)},
                            {"date_published", format_rfc3339(post->at)}});
  }
  return boost::json::serialize(object{{"version", "https://jsonfeed.org/version/1.1"},
                                       {"title", account.name},
                                       {"home_page_url", site_of(account)},
                                       {"items", std::move(listed)}});
}

std::string youtube(const SocialAccount& account, const Posts& posts) {
  constexpr std::size_t prefix = std::string_view("yt:video:").size();
  std::string entries;
  for (const StoredPost* post : posts) {
    entries += fmt::format(
        "<entry><id>{0}</id><yt:videoId>{1}</yt:videoId><yt:channelId>{2}</yt:channelId>"
        "<title>{3}</title><link rel=\"alternate\" href=\"https://www.youtube.com/watch?v={1}\"/>"
        "<author><name>{4}</name></author><published>{5}</published><updated>{5}</updated>"
        "<media:group><media:title>{3}</media:title><media:description>{6}</media:description>"
        "</media:group></entry>",
        post->id, post->id.substr(prefix), account.id, in_markup(post->post.title),
        in_markup(account.name), format_rfc3339(post->at),
        in_markup(text_with(*post, post->post.link)));
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><feed "
      "xmlns:yt=\"http://www.youtube.com/xml/schemas/2015\" "
      "xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns=\"http://www.w3.org/2005/Atom\">"
      "<link rel=\"self\" href=\"{0}\"/><id>yt:channel:{1}</id><yt:channelId>{1}</yt:channelId>"
      "<title>{2}</title><link rel=\"alternate\" href=\"https://www.youtube.com/channel/{1}\"/>"
      "<author><name>{2}</name></author><published>2020-01-01T00:00:00+00:00</published>"
      "{3}</feed>",
      in_markup("https://www.youtube.com/feeds/videos.xml?channel_id=" + account.id), account.id,
      in_markup(account.name), entries);
}

http::Response document(const SocialAccount& account, const SocialCall& call) {
  Posts posts = visible_posts(account, call.now);
  posts.resize(std::min(posts.size(), feed_length));
  const auto answer = [](std::string_view type, std::string body) {
    return http::Response{
        .status = 200, .headers = {{"Content-Type", std::string(type)}}, .body = std::move(body)};
  };
  switch (account.network) {
    case Network::rss:
      return answer("application/rss+xml; charset=utf-8", rss(account, posts, call));
    case Network::atom:
      return answer("application/atom+xml; charset=utf-8", atom(account, posts, call));
    case Network::json_feed:
      return answer("application/feed+json", json_feed(account, posts, call));
    case Network::youtube:
      return answer("text/xml; charset=UTF-8", youtube(account, posts));
    case Network::x:
    case Network::mastodon:
    case Network::bluesky:
      break;
  }
  return {.status = 404, .headers = {}, .body = {}};
}

http::Response page(const SocialState& state, const SocialCall& call) {
  const std::string_view name = call.path.substr(pages.size());
  std::string links;
  for (const Form& form : forms) {
    if (const SocialAccount* account = state.find(form.network, name)) {
      links += fmt::format("<link rel=\"alternate\" type=\"{}\" title=\"{}\" href=\"{}\">",
                           form.type, in_markup(name), feed_path(*account));
    }
  }
  return http::html_response(
      links.empty() ? 404 : 200,
      fmt::format("<!DOCTYPE html><html><head><title>{}</title>{}</head><body></body></html>",
                  in_markup(name), links));
}

http::Response item_page(const SocialState& state, const SocialCall& call) {
  for (const auto& [key, account] : state.accounts) {
    for (const StoredPost* post : visible_posts(account, call.now)) {
      if (link_of(*post, call) == call.base + std::string(call.path)) {
        return http::html_response(200, "<!DOCTYPE html><title>Post</title>");
      }
    }
  }
  return http::html_response(404, "<!DOCTYPE html><title>404</title>");
}

const SocialAccount* feed_at(const SocialState& state, const SocialCall& call) {
  if (call.path == youtube_path) {
    return state.find_by_id(Network::youtube, call.request.query.find("channel_id").value_or(""));
  }
  constexpr std::string_view folder = "/feeds/";
  for (const Form& form : forms) {
    if (call.path.starts_with(folder) && call.path.ends_with(form.ending)) {
      return state.find(
          form.network,
          call.path.substr(folder.size(), call.path.size() - folder.size() - form.ending.size()));
    }
  }
  return nullptr;
}

}  // namespace

std::string feed_path(const SocialAccount& account) {
  for (const Form& form : forms) {
    if (form.network == account.network) {
      return fmt::format("/feeds/{}{}", account.name, form.ending);
    }
  }
  return fmt::format("{}?channel_id={}", youtube_path, account.id);
}

http::Response answer_feeds(const SocialState& state, const SocialCall& call) {
  if (call.path.starts_with(pages)) {
    return page(state, call);
  }
  if (call.path.starts_with(items)) {
    return item_page(state, call);
  }
  const SocialAccount* account = feed_at(state, call);
  if (account == nullptr) {
    return http::html_response(404, "<!DOCTYPE html><title>404</title>");
  }
  if (account->is_ended) {
    return {.status = 410, .headers = {}, .body = {}};
  }
  if (!account->moved_to.empty()) {
    const SocialAccount* target = state.find(account->network, account->moved_to);
    return {.status = 301, .headers = {{"Location", call.base + feed_path(*target)}}, .body = {}};
  }
  http::Response response = document(*account, call);
  return account->is_conditional
             ? conditional(call.request, std::move(response), last_change(*account, call.now))
             : response;
}

}  // namespace bb::sim
