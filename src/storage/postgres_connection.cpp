#include "storage/postgres_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>

#include "base/text.hpp"
#include "storage/portable_text.hpp"

namespace bb::storage {
namespace {

// Types as in PostgreSQL's catalog/pg_type.h, whose numbers never change.
constexpr Oid bool_type = 16;
constexpr Oid bigint_type = 20;
constexpr Oid smallint_type = 21;
constexpr Oid integer_type = 23;
constexpr std::array text_types = {Oid{25}, Oid{19}, Oid{18}, Oid{1043}, Oid{705}};

constexpr std::size_t max_parameters = 65'535;  // of the protocol

// A server that is gone without a word has to be noticed. What the URI says counts more.
constexpr std::array<std::pair<const char*, const char*>, 6> defaults = {{
    {"connect_timeout", "5"},  // seconds, as are the next three
    {"keepalives_idle", "5"},
    {"keepalives_interval", "3"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "10000"},  // milliseconds
    {"fallback_application_name", "busy-beaver"},
}};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The number of placeholders; throws if they are not $1 to $n. PostgreSQL accepts values that no
// placeholder takes.
std::size_t count_placeholders(std::string_view sql) {
  std::bitset<max_parameters + 1> seen;
  std::size_t highest = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote != '\0') {
      quote = c == quote ? '\0' : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '$') {
      std::size_t number = 0;
      std::from_chars(sql.data() + i + 1, sql.data() + sql.size(), number);
      if (number > 0 && number <= max_parameters) {
        seen.set(number);
        highest = std::max(highest, number);
      }
    }
  }
  if (seen.count() != highest) {
    throw std::logic_error(
        fmt::format("placeholders are $1 to ${}, but one is missing in: {}", highest, sql));
  }
  return highest;
}

// Text is compared and sorted by its octets, as SQLite does it, whatever the locale of the
// database: in a script, TEXT is the type of a column.
std::string with_octet_order(std::string_view script) {
  constexpr std::string_view type = "TEXT";
  std::string changed;
  for (std::size_t i = 0; i < script.size();) {
    const bool starts = i == 0 || !is_word(script[i - 1]);
    if (starts && script.substr(i).starts_with(type) &&
        (i + type.size() == script.size() || !is_word(script[i + type.size()]))) {
      changed += "TEXT COLLATE \"C\"";
      i += type.size();
    } else {
      changed += script[i++];
    }
  }
  return changed;
}

// The values of a statement as libpq takes them.
class Arguments {
 public:
  explicit Arguments(std::span<const Value> values) {
    texts_.reserve(values.size());  // their addresses are taken
    for (const Value& value : values) {
      if (const auto* number = std::get_if<std::int64_t>(&value.data())) {
        add(bigint_type, std::to_string(*number));
      } else if (const auto* text = std::get_if<std::string>(&value.data())) {
        add(0, portable_text(*text));  // the server finds the type
      } else {
        types_.push_back(0);
        pointers_.push_back(nullptr);
      }
    }
  }

  [[nodiscard]] int count() const { return static_cast<int>(types_.size()); }
  [[nodiscard]] const Oid* types() const { return types_.data(); }
  [[nodiscard]] const char* const* values() const { return pointers_.data(); }

 private:
  void add(Oid type, std::string text) {
    types_.push_back(type);
    pointers_.push_back(texts_.emplace_back(std::move(text)).c_str());
  }

  std::vector<std::string> texts_;
  std::vector<Oid> types_;
  std::vector<const char*> pointers_;
};

Value read_value(const PGresult* result, int row, int column, std::string_view sql) {
  if (PQgetisnull(result, row, column) == 1) {
    return {};
  }
  const std::string_view text(PQgetvalue(result, row, column),
                              static_cast<std::size_t>(PQgetlength(result, row, column)));
  const Oid type = PQftype(result, column);
  if (type == bool_type) {
    return text == "t";
  }
  if (type == bigint_type || type == integer_type || type == smallint_type) {
    return parse_integer(text).value();
  }
  if (std::ranges::find(text_types, type) != text_types.end()) {
    return text;
  }
  throw std::logic_error(
      fmt::format("column {} is neither whole number nor text (cast it) in: {}", column, sql));
}

// "UPDATE 3" -> 3; of statements that change no rows 0.
std::int64_t changed_rows(PGresult* result) {
  const std::string_view command = PQcmdStatus(result);
  for (const std::string_view verb : {"INSERT", "UPDATE", "DELETE"}) {
    if (command.starts_with(verb)) {
      return parse_integer(PQcmdTuples(result)).value_or(0);
    }
  }
  return 0;
}

bool is_one_of(std::string_view state, std::initializer_list<std::string_view> classes) {
  return std::ranges::any_of(classes, [&](std::string_view one) { return state.starts_with(one); });
}

// A wrong statement, a violated constraint, a write inside read(): mended in the code, not by the
// operator.
bool is_defect(std::string_view state) {
  return is_one_of(state, {"08", "0A", "21", "22", "23", "25006", "26", "3", "42", "54"}) &&
         state != "42501";
}

// What to do about it, for the operator; empty where the server's words are all there is to say.
std::string_view advice(std::string_view state) {
  if (state == "53100") {
    return ": free some space; the change was rolled back, nothing else is lost";
  }
  if (state == "42501") {
    return ": the role needs the right to make tables in this database, e.g. as its owner";
  }
  if (state == "55P03") {
    return ": another program holds it for long";
  }
  if (state == "53300") {
    return ": raise max_connections, or put pgbouncer between";
  }
  return "";
}

std::string trimmed(const char* text) {
  return std::string(trim(text == nullptr ? "" : text));
}

}  // namespace

PostgresConnection::PostgresConnection(const PostgresAddress& address) : name_(address.name) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  const auto add = [&](const char* keyword, const char* value) {
    keywords.push_back(keyword);
    values.push_back(value);
  };
  for (const auto& [keyword, value] : defaults) {
    add(keyword, value);
  }
  if (address.has_many_hosts) {
    add("target_session_attrs", "read-write");  // after a failover: the one that took over
  }
  add("dbname", address.uri.c_str());
  add("client_encoding", "UTF8");
  add(nullptr, nullptr);
  connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 1));
  if (!connection_) {
    throw std::bad_alloc();
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw ConnectionLost(message(PQerrorMessage(connection_.get())));
  }
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  constexpr int oldest_version = 130'000;
  if (PQserverVersion(connection_.get()) < oldest_version) {
    throw DatabaseError(message("the server has to be PostgreSQL 13 or newer"));
  }
  const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
  if (encoding != nullptr && std::string_view(encoding) != "UTF8") {
    throw DatabaseError(message(fmt::format(
        "its encoding is {}: make a new one with createdb --encoding=UTF8 --template=template0",
        encoding)));
  }
}

std::string PostgresConnection::message(std::string_view detail) const {
  return fmt::format("database {}: {}", name_, trim(detail));
}

void PostgresConnection::throw_error(const PGresult* result, std::string_view sql) const {
  const std::string state = trimmed(PQresultErrorField(result, PG_DIAG_SQLSTATE));
  // Without the details, which quote values of rows.
  std::string detail = trimmed(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  if (detail.empty()) {
    detail = trimmed(PQerrorMessage(connection_.get()));
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK || is_one_of(state, {"57P"})) {
    throw ConnectionLost(message(detail));
  }
  if (is_one_of(state, {"40"})) {
    throw Conflict(message(detail));
  }
  if (is_defect(state)) {
    throw std::logic_error(fmt::format("{} in: {}", detail, sql));
  }
  if (state == "25P02") {
    detail = fmt::format("the transaction was rolled back by an earlier error; refused: {}", sql);
  }
  throw DatabaseError(message(detail + std::string(advice(state))));
}

void PostgresConnection::check(const Answer& answer, std::string_view sql) const {
  switch (PQresultStatus(answer.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      return;
    case PGRES_EMPTY_QUERY:
      throw std::logic_error("not exactly one statement: an empty text");
    default:
      throw_error(answer.get(), sql);
  }
}

PostgresConnection::Answer PostgresConnection::control(const char* sql) {
  Answer answer(PQexec(connection_.get(), sql));
  check(answer, sql);
  return answer;
}

PostgresConnection::Answer PostgresConnection::run(std::string_view sql,
                                                   std::span<const Value> parameters) {
  if (const std::size_t wanted = count_placeholders(sql); parameters.size() != wanted) {
    throw std::logic_error(
        fmt::format("{} parameters given, {} wanted by: {}", parameters.size(), wanted, sql));
  }
  const Arguments arguments(parameters);
  constexpr int as_text = 0;
  Answer answer(PQexecParams(connection_.get(), std::string(sql).c_str(), arguments.count(),
                             arguments.types(), arguments.values(), nullptr, nullptr, as_text));
  check(answer, sql);
  require_open_transaction(sql);
  return answer;
}

void PostgresConnection::require_open_transaction(std::string_view sql) const {
  if (PQtransactionStatus(connection_.get()) != PQTRANS_INTRANS) {
    throw std::logic_error(fmt::format("this ended the transaction that it ran in: {}", sql));
  }
}

Rows PostgresConnection::query(std::string_view sql, std::span<const Value> parameters) {
  const Answer answer = run(sql, parameters);
  const int row_count = PQntuples(answer.get());
  const int column_count = PQnfields(answer.get());
  Rows rows;
  rows.reserve(static_cast<std::size_t>(row_count));
  for (int row = 0; row < row_count; ++row) {
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(column_count));
    for (int column = 0; column < column_count; ++column) {
      values.push_back(read_value(answer.get(), row, column, sql));
    }
    rows.emplace_back(std::move(values));
  }
  return rows;
}

std::int64_t PostgresConnection::execute(std::string_view sql, std::span<const Value> parameters) {
  return changed_rows(run(sql, parameters).get());
}

void PostgresConnection::execute_script(std::string_view sql) {
  control(with_octet_order(sql).c_str());
  require_open_transaction("a script");
}

bool PostgresConnection::has_table(std::string_view name) {
  return !query(
              "SELECT 1 FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p') AND "
              "lower(relname) = lower($1) AND pg_catalog.pg_table_is_visible(oid)",
              {name})
              .empty();
}

TableLayout PostgresConnection::layout(std::string_view table) {
  TableLayout layout;
  for (const Row& row : query("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = "
                              "to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                              {table})) {
    layout.columns.push_back(row.text(0));
  }
  for (const Row& row :
       query("SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON "
             "a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = "
             "to_regclass($1) AND i.indisprimary ORDER BY array_position(i.indkey, a.attnum)",
             {table})) {
    layout.key.push_back(row.text(0));
  }
  return layout;
}

void PostgresConnection::lock(std::string_view name) {
  execute("SET LOCAL lock_timeout = 0");  // who has it may be at something long
  query("SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('busy-beaver:' || $1, 0))", {name});
}

const Dialect& PostgresConnection::dialect() const {
  static constexpr Dialect dialect{.skip_locked = " FOR UPDATE SKIP LOCKED",
                                   .has_without_rowid = false};
  return dialect;
}

std::string PostgresConnection::begin(const char* statements) {
  const Answer answer(PQexec(connection_.get(), statements));
  if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK &&
      PQresultStatus(answer.get()) != PGRES_TUPLES_OK) {
    // Perhaps it is not the primary any more.
    throw ConnectionLost(message(PQerrorMessage(connection_.get())));
  }
  return PQntuples(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "";
}

void PostgresConnection::commit() {
  const Answer answer(PQexec(connection_.get(), "COMMIT"));
  // Of a transaction in which a statement failed, nothing is committed.
  if (answer && std::string_view(PQcmdStatus(answer.get())) == "ROLLBACK") {
    throw DatabaseError(message("the transaction was rolled back by an earlier error"));
  }
  check(answer, "COMMIT");
}

void PostgresConnection::rollback() noexcept {
  if (!is_idle()) {
    const Answer answer(PQexec(connection_.get(), "ROLLBACK"));
  }
}

bool PostgresConnection::is_idle() const {
  return PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

}  // namespace bb::storage
