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

std::vector<std::string> World::rows_with(const std::string& text) {
  auto database = storage::open(config.database_uri);
  REQUIRE(database);
  return (*database)->read([&](storage::Connection& connection) {
    std::vector<std::string> places;
    for (const storage::Row& column : connection.query(
             "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE "
             "m.type = 'table' ORDER BY m.name, c.cid")) {
      const std::string& table = column.text(0);
      const std::string& name = column.text(1);
      // Compared as a whole where it is a number: a time may have any digits.
      const storage::Rows found =
          connection.query("SELECT 1 FROM " + table + " WHERE CASE typeof(" + name +
                               ") WHEN 'text' THEN instr(lower(" + name +
                               "), lower($1)) > 0 ELSE CAST(" + name + " AS TEXT) = $1 END LIMIT 1",
                           {text});
      if (!found.empty()) {
        places.push_back(table + "." + name);
      }
    }
    return places;
  });
}

}  // namespace bb::tests
