#include "app/secret_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/text.hpp"

namespace bb::app {
namespace {

constexpr std::size_t key_octets = 32;
constexpr std::string_view check_context = "secret_key_check";

Result<Secret> read_key(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & 077U) != 0) {
    return fail(ErrorCode::forbidden, path + " can be read by other users: run chmod 600 " + path);
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string key(trim(text.str()));
  if (!file || key.size() < key_octets) {
    return fail(ErrorCode::invalid_input,
                path +
                    " is not readable or too short; restore it from a backup, or remove it "
                    "together with messages that wait to be posted");
  }
  return Secret(key);
}

}  // namespace

Result<Secret> secret_key_beside(const std::string& database_file, Random& random) {
  const std::string path = database_file + ".key";
  if (access(path.c_str(), F_OK) == 0) {
    return read_key(path);
  }
  // Written under another name first: a crash never leaves half a key, and of two processes that
  // start together the first one's key counts (link(2) does not replace).
  const std::string draft = path + "." + crypto::to_hex(random.bytes(4));
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(ErrorCode::unavailable, "cannot make " + draft + ": " + std::strerror(errno) +
                                            "; make the folder writable or set SECRET_KEY");
  }
  const std::string key = crypto::to_hex(random.bytes(key_octets)) + "\n";
  const bool written =
      write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && fsync(file) == 0;
  close(file);
  const bool linked = written && (link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int problem = errno;
  unlink(draft.c_str());
  if (!linked) {
    return fail(ErrorCode::unavailable, "cannot make " + path + ": " + std::strerror(problem));
  }
  return read_key(path);
}

Result<void> check_secret_key(storage::Database& database, const crypto::Sealer& sealer) {
  const std::string sealed = database.write([&](storage::Connection& connection) {
    connection.execute(
        "INSERT INTO secret_key_check (name, sealed) VALUES ('check', $1) ON CONFLICT DO NOTHING",
        {sealer.seal("check", check_context)});
    return connection.query("SELECT sealed FROM secret_key_check").at(0).text(0);
  });
  if (sealer.open(sealed, check_context)) {
    return {};
  }
  return fail(ErrorCode::invalid_input,
              "SECRET_KEY is not the one that this database was begun with: set that one, or "
              "restore the key file beside the database. If it is lost, run once: busy-beaver db "
              "forget-key (messages that wait to be posted will fail)");
}

void forget_secret_key(storage::Database& database) {
  database.write(
      [](storage::Connection& connection) { connection.execute("DELETE FROM secret_key_check"); });
}

}  // namespace bb::app
