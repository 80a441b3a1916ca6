// What PostgreSQL behind the port does when the server or the network fails.
#include "storage/postgres.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/databases/postgres_server.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::storage {
namespace {

using tests::PostgresDatabase;
using tests::PostgresServer;

enum class Cut {
  none,
  before_commit,  // the server never sees it
  after_commit,   // the server has done it, but nobody hears of it
  restart,        // the same, and the server ends and is started again
  crash,          // the same, and one of its processes is killed: it recovers under the same parent
};

// Stands between the program and the server and ends a connection at COMMIT, when told so.
class CuttingProxy {
 public:
  explicit CuttingProxy(PostgresServer& server)
      : server_(server), target_(server.folder() + "/.s.PGSQL.5432"), listener_(open_socket()) {
    const sockaddr_un address = address_of(folder_.path(".s.PGSQL.5432"));
    REQUIRE(bind(listener_, as_sockaddr(address), sizeof address) == 0);
    REQUIRE(listen(listener_, 8) == 0);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  ~CuttingProxy() {
    thread_.request_stop();
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  [[nodiscard]] std::string uri(const PostgresDatabase& database) const {
    return "postgresql:///" + database.name() + "?user=postgres&host=" + folder_.path("");
  }

  void cut_next(Cut cut) { cut_ = cut; }

 private:
  static const sockaddr* as_sockaddr(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
  }

  static sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
  }

  static int open_socket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

  void serve(const std::stop_token& stop) {
    std::vector<std::jthread> connections;
    while (!stop.stop_requested()) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) {
        connections.emplace_back(
            [this, client](const std::stop_token& end) { carry(client, end); });
      }
    }
  }

  // Both ways, until one side ends or the moment to cut has come.
  void carry(int client, const std::stop_token& stop) {
    const int server = open_socket();
    const sockaddr_un address = address_of(target_);
    if (connect(server, as_sockaddr(address), sizeof address) == 0) {
      std::array<pollfd, 2> both = {{{client, POLLIN, 0}, {server, POLLIN, 0}}};
      bool goes_on = true;
      while (goes_on && !stop.stop_requested()) {
        poll(both.data(), both.size(), 20);
        goes_on = (both[0].revents == 0 || pass_on(client, server)) &&
                  (both[1].revents == 0 || pass_on(server, client));
      }
    }
    close(client);
    close(server);
  }

  void kill_one_process() const {
    const auto database = open_postgres(server_.uri("postgres")).value();
    const std::int64_t process = database->read([](Connection& connection) {
      return connection.query("SELECT pg_backend_pid()").at(0).integer(0);
    });
    ::kill(static_cast<pid_t>(process), SIGKILL);
  }

  bool pass_on(int from, int to) {
    std::array<char, 65536> buffer;
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got <= 0) {
      return false;
    }
    const std::string_view octets(buffer.data(), static_cast<std::size_t>(got));
    constexpr std::string_view commit("COMMIT\0", 7);  // not READ COMMITTED
    const bool commits = octets.find(commit) != std::string_view::npos;
    const Cut cut = commits ? cut_.exchange(Cut::none) : Cut::none;
    if (cut == Cut::before_commit) {
      return false;
    }
    // No SIGPIPE where the other side has gone already.
    const bool sent = send(to, buffer.data(), octets.size(), MSG_NOSIGNAL) == got;
    if (cut == Cut::after_commit || cut == Cut::restart || cut == Cut::crash) {
      static_cast<void>(read(to, buffer.data(), buffer.size()));  // the answer
      if (cut == Cut::restart) {
        server_.restart();
      } else if (cut == Cut::crash) {
        kill_one_process();
      }
      return false;
    }
    return sent;
  }

  PostgresServer& server_;
  tests::TemporaryFolder folder_;
  std::string target_;
  int listener_;
  std::atomic<Cut> cut_ = Cut::none;
  std::jthread thread_;
};

struct World {
  PostgresDatabase fresh;
  CuttingProxy proxy;
  std::unique_ptr<Database> database =
      open_postgres(proxy.uri(fresh), {.reconnect_for = std::chrono::seconds(30)}).value();

  explicit World(PostgresServer& server = PostgresServer::shared()) : fresh(server), proxy(server) {
    database->write([](Connection& connection) {
      connection.execute_script("CREATE TABLE item (number BIGINT)");
    });
  }

  // Adds a row; returns how often that was run.
  int insert(Isolation isolation = Isolation::serializable) {
    int runs = 0;
    database->write(
        [&](Connection& connection) {
          ++runs;
          connection.execute("INSERT INTO item (number) VALUES (1)");
        },
        isolation);
    return runs;
  }

  std::int64_t count() {
    return database->read([](Connection& connection) {
      return connection.query("SELECT count(*) FROM item").at(0).integer(0);
    });
  }
};

}  // namespace

TEST_CASE("a change whose COMMIT did not reach the server is made again") {
  World world;
  for (const Isolation isolation : {Isolation::serializable, Isolation::read_committed}) {
    const std::int64_t before = world.count();
    world.proxy.cut_next(Cut::before_commit);
    CHECK(world.insert(isolation) == 2);
    CHECK(world.count() == before + 1);
  }
}

TEST_CASE("a change whose COMMIT was done but not answered is not made again") {
  World world;
  for (const Isolation isolation : {Isolation::serializable, Isolation::read_committed}) {
    const std::int64_t before = world.count();
    world.proxy.cut_next(Cut::after_commit);
    CHECK(world.insert(isolation) == 1);
    CHECK(world.count() == before + 1);
  }
}

TEST_CASE("a change whose COMMIT was not answered is reported when the server ended meanwhile") {
  PostgresServer server;
  World world(server);
  std::int64_t committed = 0;
  for (const Cut cut : {Cut::restart, Cut::crash}) {
    world.proxy.cut_next(cut);
    CHECK_THROWS_WITH_AS(world.insert(), doctest::Contains("the server ended meanwhile"),
                         DatabaseError);
    CHECK(world.count() == ++committed);
  }
  CHECK(world.insert() == 1);
}

TEST_CASE("a change and a look are made again when the server ends the connection") {
  World world;
  int runs = 0;
  const auto killed_once = [&](Connection& connection) {
    if (++runs % 2 == 1) {
      const auto pid = connection.query("SELECT pg_backend_pid()").at(0).integer(0);
      PostgresServer::shared().execute("SELECT pg_terminate_backend(" + std::to_string(pid) + ")");
    }
    return connection.query("SELECT count(*) FROM item").at(0).integer(0);
  };
  CHECK(world.database->write(killed_once) == 0);
  CHECK(runs == 2);
  CHECK(world.database->read(killed_once) == 0);
  CHECK(runs == 4);
}

TEST_CASE("a server that is not there is reported without the password") {
  const tests::TemporaryFolder empty;
  const auto database = open_postgres("postgresql://u:hunter2@/beaver?host=" + empty.path(""),
                                      {.reconnect_for = std::chrono::milliseconds(10)});
  REQUIRE_FALSE(database);
  CHECK((database.error().code == ErrorCode::unavailable));
  CHECK(database.error().message.find("beaver") != std::string::npos);
  CHECK(database.error().message.find("hunter2") == std::string::npos);
}

}  // namespace bb::storage
