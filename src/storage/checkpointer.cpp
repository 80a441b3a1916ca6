#include "storage/checkpointer.hpp"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "base/log.hpp"

namespace bb::storage {
namespace {

constexpr int pages_between = 1'000;  // 4 MB
// The log starts again from its beginning only when all of it is copied and nobody commits. Under
// steady load that moment has to be made.
constexpr int most_pages = 16'000;
constexpr std::chrono::seconds busy_timeout{5};

}  // namespace

Checkpointer::Checkpointer(std::string path) : path_(std::move(path)), thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Checkpointer::watch(sqlite3* connection) {
  sqlite3_wal_hook(connection, &Checkpointer::on_commit, this);
}

// What cannot be copied stays in the log, where it is found: that is no error of the commit.
int Checkpointer::on_commit(void* self, sqlite3* connection, const char* schema, int pages) {
  if (pages >= most_pages) {
    sqlite3_wal_checkpoint_v2(connection, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  } else {
    static_cast<Checkpointer*>(self)->note(pages);
  }
  return SQLITE_OK;
}

void Checkpointer::note(int pages) {
  const std::lock_guard lock(mutex_);
  if (pages < pages_) {
    pages_ = 0;  // the log began again
  }
  if (pages - pages_ >= pages_between) {
    pages_ = pages;
    is_asked_ = true;
    changed_.notify_all();
  }
}

void Checkpointer::run() {
  pthread_setname_np(pthread_self(), "bb-checkpoint");
  bool is_failing = false;  // reported once, not each time
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_asked_ || is_stopping_; });
    if (is_stopping_) {
      return;
    }
    is_asked_ = false;
    lock.unlock();
    const bool failed = !copy();
    if (failed && !is_failing) {
      log::warning("checkpoint_failed",
                   {{"file", path_},
                    {"error", connection_ ? sqlite3_errmsg(connection_.get()) : "out of memory"}});
    }
    is_failing = failed;
    if (failed) {
      connection_.reset();  // a new one next time
    }
    lock.lock();
  }
}

bool Checkpointer::copy() {
  if (!connection_) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path_.c_str(), &handle,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    connection_.reset(handle);
    if (code != SQLITE_OK) {
      return false;
    }
    sqlite3_busy_timeout(handle, static_cast<int>(std::chrono::milliseconds(busy_timeout).count()));
  }
  // The pragma reads the database first: on a connection that has never read, the function finds no
  // log and copies nothing.
  return sqlite3_exec(connection_.get(), "PRAGMA wal_checkpoint(PASSIVE)", nullptr, nullptr,
                      nullptr) == SQLITE_OK;
}

}  // namespace bb::storage
