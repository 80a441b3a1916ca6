// Addresses of feeds that lead to what stands beside the service: with the client that the service
// has, over real connections.
#include <atomic>

#include "http/server.hpp"
#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

using std::chrono::hours;

constexpr std::string_view refused = "is not an address of the public Internet";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A site with a feed that may be read, which redirects when told to, and something that nobody is
// to reach. Both are on this machine, so what is not refused is read.
struct Site {
  explicit Site(const Clock& clock) {
    auto started = http::Server::start(
        "127.0.0.1", 0, {},
        {.handle = [this](const http::Request& request) { return answer(request); }}, clock,
        random);
    REQUIRE(started);
    server = *std::move(started);
  }
  ~Site() { server->stop(); }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  http::Response answer(const http::Request& request) {
    const bool is_inside = request.path == "/inside";
    inside += is_inside ? 1 : 0;
    const std::lock_guard lock(mutex);
    if (!is_inside && !location.empty()) {
      return {.status = status, .headers = {{"Location", location}}, .body = {}};
    }
    const std::string item = is_inside ? "Passwords" : title;
    return {.status = 200,
            .headers = {{"Content-Type", "application/rss+xml"}},
            .body = "<rss version='2.0'><channel><title>A blog</title><item><title>" + item +
                    "</title><guid>" + item + "</guid></item></channel></rss>"};
  }

  void redirect(int its_status, std::string to) {
    const std::lock_guard lock(mutex);
    status = its_status;
    location = std::move(to);
  }
  void publish(std::string its_title) {
    const std::lock_guard lock(mutex);
    title = std::move(its_title);
  }

  [[nodiscard]] std::string url(const std::string& host, const std::string& path) const {
    return "http://" + host + ":" + std::to_string(server->port()) + path;
  }
  [[nodiscard]] std::string feed() const { return url("127.0.0.1", "/feed"); }

  // Other names of this machine, its neighbours, and a cloud's metadata.
  [[nodiscard]] std::vector<std::string> inner_addresses() const {
    return {url("localhost", "/inside"),
            url("127.0.0.2", "/inside"),
            url("[::ffff:127.0.0.1]", "/inside"),
            "http://10.0.0.1/inside",
            "http://192.168.1.1/inside",
            "http://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/latest/meta-data/"};
  }

  SeededRandom random{1};
  std::atomic<int> inside = 0;  // requests
  std::mutex mutex;             // of what follows
  int status = 200;
  std::string location;
  std::string title = "What was there";
  std::unique_ptr<http::Server> server;
};

// The site's address is one of those that the settings name, its other names are not.
struct SiteWorld : World {
  SiteWorld() {
    olga = slack->add_user("Olga");
    slack->make_admin(olga);
    config.feed_allowed_hosts = {"127.0.0.1"};
    start();
  }

  std::string add(const std::string& address) {
    say(olga, "feeds add " + address + " <#" + general + "|general> delay=0");
    settle();
    return last_answer(olga);
  }

  // A column of the only feed.
  [[nodiscard]] std::string feed(const std::string& column) const {
    const auto database = storage::open(config.database_uri);
    REQUIRE(database);
    return (*database)->read([&](storage::Connection& connection) {
      return connection.query("SELECT " + column + " FROM feed").at(0).text(0);
    });
  }

  // Reads and posts the feeds of #general.
  void run_feeds() {
    clock.advance(hours(1));
    CHECK(post("/poll-twitter", R"({"channel": "general"})", api_headers()).status == 202);
    settle();
  }

  std::string olga;
  Site site{clock};
};

}  // namespace

TEST_CASE("a feed whose name stands for an inner address is not added") {
  SiteWorld world;
  for (const std::string& address : world.site.inner_addresses()) {
    const std::string answer = world.add(address);
    CAPTURE(address);
    CAPTURE(answer);
    CHECK(has(answer, "I could not add"));
    CHECK(has(answer, refused));
  }
  CHECK(world.site.inside == 0);
  CHECK(world.count("feed") == 0);
}

TEST_CASE("a feed that redirects to an inner address is not added") {
  SiteWorld world;
  for (const std::string& address : world.site.inner_addresses()) {
    for (const int status : {301, 302}) {
      world.site.redirect(status, address);
      const std::string answer = world.add(world.site.feed());
      CAPTURE(address);
      CAPTURE(answer);
      CHECK(has(answer, "I could not add"));
      CHECK(has(answer, refused));
    }
  }
  CHECK(world.site.inside == 0);
  CHECK(world.count("feed") == 0);
}

TEST_CASE("a feed that begins to redirect to an inner address fails and stays where it is") {
  SiteWorld world;
  REQUIRE(has(world.add(world.site.feed()), "from now on"));
  world.run_feeds();
  for (const std::string& address : world.site.inner_addresses()) {
    world.site.redirect(301, address);
    world.run_feeds();
    CAPTURE(address);
    CHECK(world.site.inside == 0);
    CHECK(world.feed("address") == world.site.feed());
    CHECK(has(world.feed("error"), refused));
  }
  CHECK(world.slack->messages(world.general).empty());
  world.site.redirect(200, "");
  world.site.publish("News");
  world.run_feeds();
  const auto messages = world.slack->messages(world.general);
  REQUIRE(messages.size() == 1);
  CHECK(has(messages[0].text, "News"));
}

}  // namespace bb::tests
