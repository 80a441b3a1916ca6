#include "features/feeds/sources/typed_url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/text.hpp"

namespace bb::feeds {

std::optional<TypedUrl> parse_typed_url(std::string_view typed) {
  const std::string_view text = trim(typed);
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) {
    return std::nullopt;
  }
  const boost::urls::url_view url = *parsed;
  const std::string scheme = to_lower({url.scheme().data(), url.scheme().size()});
  if ((scheme != "http" && scheme != "https") || url.has_userinfo() || url.host().empty()) {
    return std::nullopt;
  }
  const boost::urls::string_view authority = url.encoded_host_and_port();
  TypedUrl result{.origin = scheme + "://" + to_lower({authority.data(), authority.size()}),
                  .host = to_lower(url.host()),
                  .segments = {}};
  for (const std::string_view prefix : {"www.", "mobile.", "m."}) {
    if (result.host.starts_with(prefix)) {
      result.host.erase(0, prefix.size());
      break;
    }
  }
  for (std::string segment : url.segments()) {
    result.segments.push_back(std::move(segment));
  }
  if (!result.segments.empty() && result.segments.back().empty()) {
    result.segments.pop_back();
  }
  return result;
}

}  // namespace bb::feeds
