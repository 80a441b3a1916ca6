// Copies SQLite's write-ahead log back into the database file beside the commits, which would
// otherwise wait for that (https://www.sqlite.org/wal.html#ckpt).
#pragma once

#include <sqlite3.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace bb::storage {

class Checkpointer {
 public:
  explicit Checkpointer(std::string path);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Watches the commits of a connection, which this must outlive.
  void watch(sqlite3* connection);

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };

  static int on_commit(void* self, sqlite3* connection, const char* schema, int pages);
  void note(int pages);
  void run();
  bool copy();

  std::string path_;
  std::unique_ptr<sqlite3, Close> connection_;  // of the thread
  std::mutex mutex_;                            // of what follows
  std::condition_variable changed_;
  int pages_ = 0;  // of the log when copying was last asked for
  bool is_asked_ = false;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace bb::storage
