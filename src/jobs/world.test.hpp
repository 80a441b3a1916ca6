// A database, a virtual clock and what runs on them, for the tests of this folder.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/migrations.hpp"
#include "storage/sqlite.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::jobs {

inline constexpr std::chrono::milliseconds minute = std::chrono::minutes(1);

struct World {
  tests::TemporaryFolder folder;
  VirtualClock clock{TimePoint(std::chrono::hours(500'000))};
  SeededRandom random{1};
  std::unique_ptr<storage::Database> database = *storage::open_sqlite(
      folder.path("test.db"), {.busy_timeout = std::chrono::milliseconds(20)});
  Queue queue{*database, clock, random};

  World() { REQUIRE(storage::migrate(*database, storage::migrations(), clock).has_value()); }

  std::optional<JobId> enqueue(const NewJob& job) {
    return database->write(
        [&](storage::Connection& connection) { return queue.enqueue(connection, job); });
  }

  Status status(const JobId& id) {
    const auto status = queue.status(id);
    REQUIRE(status.has_value());
    return *status;
  }

  storage::Row row(std::string_view sql, std::initializer_list<storage::Value> parameters = {}) {
    return database
        ->read([&](storage::Connection& connection) { return connection.query(sql, parameters); })
        .at(0);
  }
};

}  // namespace bb::jobs
