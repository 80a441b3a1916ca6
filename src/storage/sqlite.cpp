#include "storage/sqlite.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/guarded.hpp"
#include "storage/checkpointer.hpp"
#include "storage/sqlite_connection.hpp"

namespace bb::storage {
namespace {

// Connections beyond these are closed after use: there are never more than threads that read at
// once.
constexpr std::size_t max_idle_readers = 8;

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, SqliteOptions options)
      : path_(std::move(path)),
        options_(options),
        checkpointer_(path_),
        writer_(connect_writer()) {}

 protected:
  void write_transaction(const std::function<void(Connection&)>& work,
                         Isolation /*one writer*/) override {
    refuse_inside_write();
    const std::lock_guard lock(write_mutex_);
    const Mark mark(writing_thread_);
    if (!writer_) {
      writer_ = connect_writer();
    }
    try {
      writer_->transaction(work);
    } catch (const DatabaseError&) {
      // After a failed fsync the file need not be what this connection takes it for.
      writer_.reset();
      throw;
    }
  }

  void read_transaction(const std::function<void(Connection&)>& work) override {
    refuse_inside_write();
    std::unique_ptr<SqliteConnection> reader = take_reader();
    try {
      reader->transaction(work);
    } catch (const DatabaseError&) {
      throw;  // without the connection, which may be what is broken
    } catch (...) {
      give_back(std::move(reader));
      throw;
    }
    give_back(std::move(reader));
  }

 private:
  // Names the thread that writes, while it does.
  class Mark {
   public:
    explicit Mark(std::atomic<std::thread::id>& thread) : thread_(thread) {
      thread_ = std::this_thread::get_id();
    }
    ~Mark() { thread_ = std::thread::id(); }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;

   private:
    std::atomic<std::thread::id>& thread_;
  };

  // A write would wait for itself, and a read would not see what was just written.
  void refuse_inside_write() const {
    if (writing_thread_ == std::this_thread::get_id()) {
      throw std::logic_error(
          "a transaction inside a write transaction: use the connection that was handed in");
    }
  }

  [[nodiscard]] std::unique_ptr<SqliteConnection> connect(Access access) const {
    return std::make_unique<SqliteConnection>(path_, access, options_.busy_timeout);
  }

  std::unique_ptr<SqliteConnection> connect_writer() {
    auto writer = connect(Access::read_write);
    checkpointer_.watch(writer->handle());
    return writer;
  }

  std::unique_ptr<SqliteConnection> take_reader() {
    auto idle = idle_readers_.with([](auto& readers) -> std::unique_ptr<SqliteConnection> {
      if (readers.empty()) {
        return nullptr;
      }
      auto reader = std::move(readers.back());
      readers.pop_back();
      return reader;
    });
    return idle ? std::move(idle) : connect(Access::read_only);
  }

  void give_back(std::unique_ptr<SqliteConnection> reader) {
    idle_readers_.with([&](auto& readers) {
      if (readers.size() < max_idle_readers) {
        readers.push_back(std::move(reader));
      }
    });
  }

  std::string path_;
  SqliteOptions options_;
  Checkpointer checkpointer_;
  std::mutex write_mutex_;
  std::atomic<std::thread::id> writing_thread_;
  std::unique_ptr<SqliteConnection> writer_;  // under the lock; none after it has failed
  Guarded<std::vector<std::unique_ptr<SqliteConnection>>> idle_readers_;
};

std::unexpected<Error> unusable(const std::filesystem::path& path, std::string_view reason) {
  return fail(ErrorCode::invalid_input, fmt::format("database {}: {}", path.string(), reason));
}

// An existing file is not touched: closing it here would drop the locks that this process holds on
// it.
Result<bool> make_file(const std::filesystem::path& path) {
  std::error_code error;
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) {
      return unusable(path,
                      fmt::format("cannot make its folder ({}): make it by hand, writable for "
                                  "the user that runs this program",
                                  error.message()));
    }
  }
  if (std::filesystem::is_directory(path, error)) {
    return unusable(path, "this is a folder: name a file in it");
  }
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
    return true;
  }
  if (errno == EEXIST) {
    return false;
  }
  return unusable(path, fmt::format("cannot make the file ({}): its folder has to be writable for "
                                    "the user that runs this program",
                                    std::strerror(errno)));
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& path,
                                              SqliteOptions options) {
  const Result<bool> made = make_file(path);
  if (!made) {
    return fail(made.error());
  }
  // Its statistics of memory are nowhere asked for, and cost a lock for each allocation.
  static const int unmeasured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(unmeasured);  // refused by a library that runs already: then it measures
  try {
    auto database = std::make_unique<SqliteDatabase>(path.string(), options);
    // Reads the schema: a damaged file should be reported now, not by the first request.
    database->read(
        [](Connection& connection) { connection.query("SELECT count(*) FROM sqlite_schema"); });
    return database;
  } catch (const DatabaseError& error) {
    return fail(ErrorCode::unavailable, error.what());
  }
}

}  // namespace bb::storage
