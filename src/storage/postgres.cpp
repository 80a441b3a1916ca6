#include "storage/postgres.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "storage/postgres_connection.hpp"
#include "storage/postgres_uri.hpp"

namespace bb::storage {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Connections beyond these are closed after use: there are never more than threads that use the
// database at once.
constexpr std::size_t max_idle = 16;
constexpr milliseconds shortest_wait(1);
constexpr milliseconds longest_conflict_wait(32);
constexpr milliseconds longest_reconnect_wait(250);

// In one message: what is set for this transaction only, and its name, by which the server tells
// later what became of it: its number, and when the server that gave it was started and last lost
// its statistics, as it does in a crash. (After a crash or a failover a number that was not stored
// yet is given again.) Locks of others are waited for as long as SQLite does.
std::string begin_of(Isolation isolation) {
  return std::string("BEGIN ISOLATION LEVEL ") +
         (isolation == Isolation::serializable ? "SERIALIZABLE" : "READ COMMITTED") +
         " READ WRITE; SET LOCAL lock_timeout = 5000; "
         "SELECT concat(pg_current_xact_id(), '@', pg_postmaster_start_time(), '/', "
         "pg_stat_get_bgwriter_stat_reset_time())";
}

constexpr const char* begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// Waits that grow, for as long as there is patience left, which starts with the first one.
class Backoff {
 public:
  Backoff(milliseconds longest, milliseconds patience) : longest_(longest), patience_(patience) {}

  std::optional<milliseconds> next() {
    if (!deadline_) {
      deadline_ = steady_clock::now() + patience_;
    }
    if (steady_clock::now() + wait_ > *deadline_) {
      return std::nullopt;
    }
    return std::exchange(wait_, std::min(2 * wait_, longest_));
  }

 private:
  milliseconds wait_ = shortest_wait;
  milliseconds longest_;
  milliseconds patience_;
  std::optional<steady_clock::time_point> deadline_;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(PostgresAddress address, PostgresOptions options)
      : address_(std::move(address)), options_(options) {}

 protected:
  void write_transaction(const std::function<void(Connection&)>& work,
                         Isolation isolation) override {
    refuse_inside_write();
    const Mark mark(writing_threads_);
    run_to_end([&] { write_once(work, isolation); });
  }

  void read_transaction(const std::function<void(Connection&)>& work) override {
    refuse_inside_write();
    run_to_end([&] {
      Lease connection(*this);
      connection->begin(begin_reading);
      work(*connection);
      connection->commit();
    });
  }

 private:
  // Names the threads that write, while they do.
  class Mark {
   public:
    explicit Mark(Guarded<std::set<std::thread::id>>& threads) : threads_(threads) {
      threads_.with([](auto& ids) { ids.insert(std::this_thread::get_id()); });
    }
    ~Mark() {
      threads_.with([](auto& ids) { ids.erase(std::this_thread::get_id()); });
    }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;

   private:
    Guarded<std::set<std::thread::id>>& threads_;
  };

  // A connection for one transaction, which it rolls back unless it was committed.
  class Lease {
   public:
    explicit Lease(PostgresDatabase& database)
        : database_(database), connection_(database.take()) {}
    ~Lease() {
      connection_->rollback();
      database_.give_back(std::move(connection_));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    PostgresConnection& operator*() const { return *connection_; }
    PostgresConnection* operator->() const { return connection_.get(); }

   private:
    PostgresDatabase& database_;
    std::unique_ptr<PostgresConnection> connection_;
  };

  // A write would not see what the outer one did, and might wait for it for ever.
  void refuse_inside_write() const {
    if (writing_threads_.with(
            [](const auto& ids) { return ids.contains(std::this_thread::get_id()); })) {
      throw std::logic_error(
          "a transaction inside a write transaction: use the connection that was handed in");
    }
  }

  // Runs `once` until it ends otherwise than by a conflict or a lost connection.
  template <class Once>
  void run_to_end(Once once) {
    Backoff conflicts(longest_conflict_wait, options_.retry_for);
    Backoff reconnects(longest_reconnect_wait, options_.reconnect_for);
    while (true) {
      std::optional<milliseconds> wait;
      try {
        once();
        return;
      } catch (const Conflict&) {
        wait = conflicts.next();
        if (!wait) {
          throw;
        }
      } catch (const ConnectionLost&) {
        forget_idle();  // they have most likely lost it too
        wait = reconnects.next();
        if (!wait) {
          throw;
        }
      }
      pause(*wait);
    }
  }

  void write_once(const std::function<void(Connection&)>& work, Isolation isolation) {
    std::string transaction;
    try {
      Lease connection(*this);
      const std::string name = connection->begin(begin_of(isolation).c_str());
      work(*connection);
      transaction = name;  // from here on it may have been committed
      connection->commit();
      return;
    } catch (const ConnectionLost&) {
      if (transaction.empty()) {
        throw;
      }
    }
    if (!was_committed(transaction)) {
      throw Conflict("the transaction was rolled back, as the connection to the database was lost");
    }
  }

  // Throws DatabaseError if that cannot be found out in time.
  bool was_committed(const std::string& transaction) {
    Backoff backoff(longest_reconnect_wait, options_.reconnect_for);
    std::string reason;
    for (std::optional<milliseconds> wait = milliseconds(0); wait; wait = backoff.next()) {
      pause(*wait);
      forget_idle();
      try {
        const std::string status = status_of(transaction);
        if (status == "committed" || status == "aborted") {
          return status == "committed";
        }
        reason = "the transaction is " + status;
        if (status != "in progress") {
          break;
        }
      } catch (const ConnectionLost& error) {
        reason = error.what();
      }
    }
    throw DatabaseError("nobody can tell whether the last change was stored: " + reason);
  }

  // A number that was not given out belongs to a transaction that a server took along when it
  // ended. (Those that were are smaller than a new one.)
  std::string status_of(const std::string& transaction) {
    Lease connection(*this);
    const std::string now = connection->begin(begin_of(Isolation::read_committed).c_str());
    const std::size_t at = transaction.find('@');
    const Rows rows = connection->query(
        "SELECT CASE WHEN CAST($1 AS xid8) < pg_current_xact_id() THEN "
        "pg_xact_status(CAST($1 AS xid8)) ELSE 'aborted' END",
        {transaction.substr(0, at)});
    std::string status = rows.at(0).optional_text(0).value_or("too old to tell");
    const bool is_same_server = now.ends_with(transaction.substr(at));
    return is_same_server || status != "committed"
               ? std::move(status)
               : "committed, or its number was given again: the server ended meanwhile";
  }

  // Until `wait` is over or another thread has found the server.
  void pause(milliseconds wait) {
    std::unique_lock lock(mutex_);
    connected_.wait_for(lock, wait);
  }

  std::unique_ptr<PostgresConnection> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
    }
    auto connection = std::make_unique<PostgresConnection>(address_);
    connected_.notify_all();
    return connection;
  }

  void give_back(std::unique_ptr<PostgresConnection> connection) {
    const std::lock_guard lock(mutex_);
    if (connection->is_idle() && idle_.size() < max_idle) {
      idle_.push_back(std::move(connection));
    }
  }

  void forget_idle() {
    std::vector<std::unique_ptr<PostgresConnection>> forgotten;
    const std::lock_guard lock(mutex_);
    forgotten.swap(idle_);
  }

  PostgresAddress address_;
  PostgresOptions options_;
  Guarded<std::set<std::thread::id>> writing_threads_;
  std::mutex mutex_;  // of what follows
  std::condition_variable connected_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const std::string& uri, PostgresOptions options) {
  Result<PostgresAddress> address = parse_postgres_uri(uri);
  if (!address) {
    return fail(address.error());
  }
  try {
    auto database = std::make_unique<PostgresDatabase>(*std::move(address), options);
    // What is wrong with the address should be reported now, not by the first request.
    database->read([](Connection& connection) { connection.query("SELECT 1"); });
    return database;
  } catch (const DatabaseError& error) {
    return fail(ErrorCode::unavailable, error.what());
  }
}

}  // namespace bb::storage
