#include "storage/database.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/temporary_folder.hpp"

namespace bb::storage {
namespace {

using tests::TemporaryFolder;

std::string error_of(const std::string& uri) {
  const auto result = open(uri);
  REQUIRE(!result.has_value());
  return result.error().message;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class WorkingFolder {
 public:
  explicit WorkingFolder(const std::filesystem::path& path)
      : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  std::filesystem::path before_;
};

}  // namespace

TEST_CASE("a row gives its columns with their types") {
  const TimePoint time{std::chrono::milliseconds(1'234)};
  const Row row({Value(5), Value("five"), Value(time), Value(true), Value(std::nullopt)});
  CHECK(row.integer(0) == 5);
  CHECK(row.text(1) == "five");
  CHECK((row.time(2) == time));
  CHECK(row.boolean(3));
  CHECK(row.is_null(4));
  CHECK(row.optional_integer(0) == 5);
  CHECK(row.optional_text(1) == "five");
  CHECK((row.optional_time(2) == time));
  CHECK(!row.optional_integer(4).has_value());
  CHECK(!row.optional_text(4).has_value());
  CHECK(!row.optional_time(4).has_value());
}

TEST_CASE("reading a column as what it is not is a defect") {
  const Row row({Value(5), Value("five"), Value(std::nullopt)});
  CHECK_THROWS_AS(static_cast<void>(row.text(0)), std::logic_error);
  CHECK_THROWS_AS(static_cast<void>(row.integer(1)), std::logic_error);
  CHECK_THROWS_AS(static_cast<void>(row.time(1)), std::logic_error);
  CHECK_THROWS_AS(static_cast<void>(row.integer(2)), std::logic_error);
  CHECK_THROWS_AS(static_cast<void>(row.optional_text(0)), std::logic_error);
  CHECK_THROWS_AS(static_cast<void>(row.integer(3)), std::logic_error);
}

TEST_CASE("relative and absolute paths are understood in both spellings") {
  const TemporaryFolder folder;
  const WorkingFolder working(std::filesystem::path(folder.path("x")).parent_path());
  const std::string absolute = folder.path("absolute");
  CHECK(open("sqlite:data/one.db").has_value());
  CHECK(open("sqlite:///data/two.db").has_value());
  CHECK(open("sqlite:" + absolute + "/three.db").has_value());
  CHECK(open("sqlite:///" + absolute + "/four.db").has_value());
  CHECK(std::filesystem::exists(folder.path("data/one.db")));
  CHECK(std::filesystem::exists(folder.path("data/two.db")));
  CHECK(std::filesystem::exists(folder.path("absolute/three.db")));
  CHECK(std::filesystem::exists(folder.path("absolute/four.db")));
}

TEST_CASE("a database in memory is refused") {
  for (const char* uri : {"sqlite::memory:", "sqlite:", "sqlite://", "sqlite:///:memory:"}) {
    CAPTURE(uri);
    CHECK(has(error_of(uri), "name a file"));
  }
}

TEST_CASE("other addresses are refused with what to write instead") {
  CHECK(has(error_of("postgresql:u:secret@host/db"), "postgresql://user:password@host"));
  CHECK(has(error_of("postgres://u:sec/ret@host/db"), "postgresql://user:password@host"));
  CHECK(has(error_of("mysql://host/db"), "the scheme mysql is not supported"));
  CHECK(has(error_of("data/busy-beaver.db"), "sqlite:data/busy-beaver.db"));
  CHECK(has(error_of(""), "sqlite:data/busy-beaver.db"));
  CHECK(has(error_of("sqlite://host/file.db"), "sqlite:PATH"));
  CHECK(has(error_of("sqlite:file.db?timeout=5"), "options"));
}

TEST_CASE("a password in the address is never repeated") {
  for (const char* uri : {"postgresql://u:secret@host/db", "mysql://u:secret@host/db",
                          "u secret:secret@host", "sqlite://secret@host/x"}) {
    CAPTURE(uri);
    CHECK(!has(error_of(uri), "secret"));
  }
}

}  // namespace bb::storage
