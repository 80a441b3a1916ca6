#include "storage/postgres_uri.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <memory>

#include "base/text.hpp"

namespace bb::storage {
namespace {

constexpr std::string_view separator = "://";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::unexpected<Error> unreadable() {
  return fail(ErrorCode::invalid_input,
              "DATABASE_URI cannot be read: it looks like "
              "postgresql://user:password@host:5432/database?sslmode=verify-full, and in the user "
              "and the password each of : / @ ? # and % is written as %3A %2F %40 %3F %23 %25");
}

// An @ or / that belongs to the password, but is not written as %40 or %2F, would make a part of it
// a host name, and so a part of messages.
bool is_ambiguous(std::string_view rest) {
  const std::size_t at = rest.find_first_of("@/");
  if (at != std::string_view::npos && rest[at] == '@') {
    rest.remove_prefix(at + 1);
  }
  return rest.substr(0, rest.find('?')).find('@') != std::string_view::npos;
}

std::string value_of(const Options& options, std::string_view keyword) {
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) {
      return option->val;
    }
  }
  return "";
}

bool are_ports(const std::string& ports) {
  if (ports.empty()) {
    return true;
  }
  for (const std::string_view port : split(ports, ',')) {
    const auto number = parse_integer(port);
    if (!port.empty() && (!number || *number < 1 || *number > 65535)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool is_postgres_scheme(std::string_view scheme) {
  const std::string_view dialect = scheme.substr(0, scheme.find('+'));
  return dialect == "postgresql" || dialect == "postgres";
}

Result<PostgresAddress> parse_postgres_uri(std::string_view uri) {
  const std::size_t start = uri.find(separator);
  if (start == std::string_view::npos || uri.find('\0') != std::string_view::npos) {
    return unreadable();
  }
  const std::string_view rest = uri.substr(start + separator.size());
  if (is_ambiguous(rest)) {
    return unreadable();
  }
  PostgresAddress address{.uri = "postgresql://" + std::string(rest), .name = {}};
  char* message = nullptr;
  const Options options(PQconninfoParse(address.uri.c_str(), &message));
  PQfreemem(message);  // may quote the password
  if (!options || !are_ports(value_of(options, "port"))) {
    return unreadable();
  }
  const std::string host = value_of(options, "host");
  address.has_many_hosts = host.find(',') != std::string::npos;
  address.name = fmt::format("postgresql://{}/{}", host, value_of(options, "dbname"));
  return address;
}

}  // namespace bb::storage
