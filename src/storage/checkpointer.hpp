// Copies SQLite's write-ahead log back into the database file beside the commits, which would
// otherwise wait for that (https://www.sqlite.org/wal.html#ckpt).
#pragma once

#include <sqlite3.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace bb::storage {

class Checkpointer {
 public:
  explicit Checkpointer(std::string path) : path_(std::move(path)) {}
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Watches the commits of a connection, which this must outlive.
  void watch(sqlite3* connection);

 private:
  static int on_commit(void* self, sqlite3* connection, const char* schema, int pages);
  void note(int pages);
  void run();

  std::string path_;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  int pages_ = 0;  // of the log when the last copying was asked for
  bool is_asked_ = false;
  bool is_stopping_ = false;
  std::thread thread_;  // from the first time that there is much to copy
};

}  // namespace bb::storage
