#include "tests/scenario/world.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "storage/migrations.hpp"

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
  const boost::json::object body = {{"channel", channel}, {"force", true}};
  const http::Response response =
      post("/github-summary", boost::json::serialize(body), api_headers());
  REQUIRE(response.status == 202);
  settle();
  return json::required_string(json::parse(response.body).value(), "data.job_id").value();
}

std::vector<std::string> World::rows_with(const std::string& text) {
  const std::string wanted = to_lower(text);
  const auto has_text = [&](const storage::Row& row) {
    const auto& value = row.value(0).data();
    if (const auto* stored = std::get_if<std::string>(&value)) {
      return to_lower(*stored).find(wanted) != std::string::npos;
    }
    // As a whole: a time may have any digits.
    const auto* number = std::get_if<std::int64_t>(&value);
    return number != nullptr && std::to_string(*number) == text;
  };
  return installation->open()->read([&](storage::Connection& connection) {
    std::vector<std::string> places;
    for (const std::string& table : storage::tables(storage::migrations())) {
      for (const std::string& column : connection.layout(table).columns) {
        const auto rows = connection.query("SELECT " + column + " FROM " + table);
        if (std::ranges::any_of(rows, has_text)) {
          places.push_back(table + "." + column);
        }
      }
    }
    return places;
  });
}

}  // namespace bb::tests
