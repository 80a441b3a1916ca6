// Posts of an account on X, through its API v2. X charges for every post that it returns.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "features/feeds/source.hpp"

namespace bb::feeds {

struct XSettings {
  std::string api_url;
  std::string consumer_key = {};  // empty: X is not set up, and everything is forbidden
  Secret consumer_secret = {};
  Secret access_token = {};  // empty: the app itself asks, not a person
  Secret access_token_secret = {};
};

// "@ada", https://x.com/ada, https://twitter.com/ada.
std::unique_ptr<Source> make_x(XSettings settings, const Clock& clock, Random& random);

}  // namespace bb::feeds
