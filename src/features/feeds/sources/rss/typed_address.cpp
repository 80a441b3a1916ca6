#include "features/feeds/sources/rss/typed_address.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "features/feeds/formats/address.hpp"

namespace bb::feeds {
namespace {

constexpr std::size_t longest_typed = 2'000;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_channel_id(std::string_view text) {
  constexpr std::size_t length = 24;
  return text.size() == length && text.starts_with("UC") && std::ranges::all_of(text, [](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::string feed_of_channel(std::string_view id) {
  return "https://www.youtube.com/feeds/videos.xml?channel_id=" + std::string(id);
}

// What stands behind https://host/ of an address, in pieces.
std::vector<std::string_view> path_of(std::string_view address) {
  const std::size_t begin = address.find('/', address.find("://") + 3);
  std::string_view path = address.substr(begin + 1);
  path = path.substr(0, path.find('?'));
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path.empty() ? std::vector<std::string_view>() : split(path, '/');
}

// A name with a dot in it whose last part is of letters: "example.org:8080" but not "3.14".
bool is_host(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(':'));
  const std::size_t dot = name.rfind('.');
  return dot != name.npos && dot > 0 && name.size() > dot + 2 && is_letter(name[dot + 1]) &&
         name.find_first_of("@'\"()<>, ") == name.npos && name.find("..") == name.npos;
}

// A page for people whose feed has a known address.
std::string known_feed(const std::string& address) {
  const std::string host = host_of(address);
  const std::vector<std::string_view> path = path_of(address);
  if (host == "github.com" || host == "www.github.com") {
    const bool is_project = path.size() == 2 || (path.size() == 3 && path[2] == "releases");
    return is_project ? "https://github.com/" + std::string(path[0]) + "/" + std::string(path[1]) +
                            "/releases.atom"
                      : address;
  }
  const std::string feed = youtube_feed(address);
  return feed.empty() ? address : feed;
}

}  // namespace

std::string youtube_feed(std::string_view page) {
  const std::string host = host_of(page);
  if (host != "youtube.com" && host != "www.youtube.com" && host != "m.youtube.com") {
    return {};
  }
  const std::vector<std::string_view> path = path_of(page);
  if (path.size() >= 2 && path[0] == "channel" && is_channel_id(path[1])) {
    return feed_of_channel(path[1]);
  }
  constexpr std::string_view list = "list=";
  const std::size_t begin = page.find(list);
  if (path.size() == 1 && path[0] == "playlist" && begin != page.npos) {
    const std::string_view rest = page.substr(begin + list.size());
    return "https://www.youtube.com/feeds/videos.xml?playlist_id=" +
           std::string(rest.substr(0, rest.find('&')));
  }
  return {};
}

std::vector<std::string> typed_addresses(std::string_view typed) {
  typed = trim(typed);
  if (is_channel_id(typed)) {
    return {feed_of_channel(typed)};
  }
  const std::string lower = to_lower(typed.substr(0, longest_typed));
  if (lower.starts_with("feed:")) {
    typed.remove_prefix(lower.starts_with("feed://") ? 7 : 5);
  }
  std::vector<std::string> addresses;
  if (lower.find("://") != lower.npos && to_lower(typed).starts_with("http")) {
    addresses = {normal_address(typed)};
  } else if (is_host(typed.substr(0, typed.find_first_of("/?#")))) {
    addresses = {normal_address("https://" + std::string(typed)),
                 normal_address("http://" + std::string(typed))};
  }
  std::erase(addresses, "");
  std::ranges::transform(addresses, addresses.begin(), known_feed);
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

}  // namespace bb::feeds
