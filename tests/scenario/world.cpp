#include "tests/scenario/world.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"

namespace bb::tests {

std::string World::button_url(const std::string& user) const {
  const auto messages = slack->dm_messages(user);
  REQUIRE_FALSE(messages.empty());
  const boost::json::value blocks = json::parse(messages.back().blocks).value();
  for (const boost::json::value& block : blocks.as_array()) {
    if (const boost::json::array* elements = json::array(block, "elements")) {
      if (const auto url = json::string(elements->at(0), "url")) {
        return *url;
      }
    }
  }
  FAIL("the last answer has no button");
  return {};
}

std::string World::summarise(const std::string& channel) {
  const boost::json::object body = {{"channel", channel}};
  const http::Response response =
      post("/github-summary", boost::json::serialize(body), api_headers());
  REQUIRE(response.status == 202);
  settle();
  return json::required_string(json::parse(response.body).value(), "data.job_id").value();
}

}  // namespace bb::tests
