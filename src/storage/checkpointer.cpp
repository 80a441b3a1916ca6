#include "storage/checkpointer.hpp"

#include <pthread.h>

#include <memory>

namespace bb::storage {
namespace {

constexpr int pages_between = 1'000;  // 4 MB
// The log starts again from its beginning only when all of it is copied and nobody commits. Under
// steady load that moment has to be made.
constexpr int most_pages = 16'000;

}  // namespace

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
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
  if (pages - pages_ < pages_between) {
    return;
  }
  pages_ = pages;
  is_asked_ = true;
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { run(); });
  }
  changed_.notify_all();
}

void Checkpointer::run() {
  pthread_setname_np(pthread_self(), "bb-checkpoint");
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path_.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)> connection(handle, &sqlite3_close_v2);
  std::unique_lock lock(mutex_);
  while (code == SQLITE_OK) {
    changed_.wait(lock, [this] { return is_asked_ || is_stopping_; });
    if (is_stopping_) {
      return;
    }
    is_asked_ = false;
    lock.unlock();
    sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    lock.lock();
  }
}

}  // namespace bb::storage
