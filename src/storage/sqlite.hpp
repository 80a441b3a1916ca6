// The database in one SQLite file.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "storage/database.hpp"

namespace bb::storage {

struct SqliteOptions {
  std::chrono::milliseconds busy_timeout = std::chrono::seconds(5);  // for locks of other processes
};

// Opens the file, and makes it (mode 0600) and its folders where they are missing. One connection
// writes, under a lock; readers have connections of their own and see the last committed state. A
// transaction that is started inside a write of the same thread throws std::logic_error.
Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& path,
                                              SqliteOptions options = {});

}  // namespace bb::storage
