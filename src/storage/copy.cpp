#include "storage/copy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "crypto/crypto.hpp"
#include "storage/many_rows.hpp"
#include "storage/portable_text.hpp"

namespace bb::storage {
namespace {

constexpr std::int64_t rows_per_page = 256;

Value portable(const Value& value) {
  const auto* text = std::get_if<std::string>(&value.data());
  return text == nullptr ? value : Value(portable_text(*text));
}

// Two rows have the same only if they are the same.
std::string encoded(std::span<const Value> row) {
  std::string octets;
  for (const Value& value : row) {
    if (const auto* number = std::get_if<std::int64_t>(&value.data())) {
      octets += fmt::format("i{};", *number);
    } else if (const auto* text = std::get_if<std::string>(&value.data())) {
      octets += fmt::format("t{}:", text->size()) + *text;
    } else {
      octets += "n";
    }
  }
  return octets;
}

// Reads a table in the order of its key, a page at a time.
class Pages {
 public:
  Pages(Connection& connection, const std::string& table, const TableLayout& layout)
      : connection_(connection) {
    const std::string key = fmt::format("{}", fmt::join(layout.key, ", "));
    for (const std::string& column : layout.key) {
      const auto found = std::ranges::find(layout.columns, column);
      key_positions_.push_back(static_cast<std::size_t>(found - layout.columns.begin()));
    }
    std::vector<std::string> placeholders;
    for (std::size_t i = 1; i <= layout.key.size(); ++i) {
      placeholders.push_back(fmt::format("${}", i));
    }
    select_ = fmt::format("SELECT {} FROM {}", fmt::join(layout.columns, ", "), table);
    after_ = fmt::format(" WHERE ({}) > ({})", key, fmt::join(placeholders, ", "));
    order_ = fmt::format(" ORDER BY {} LIMIT {}", key, rows_per_page);
    columns_ = layout.columns.size();
  }

  // The values of the next rows, one row after the other; empty at the end.
  std::vector<Value> next() {
    const std::string sql = select_ + (last_key_.empty() ? "" : after_) + order_;
    std::vector<Value> values;
    for (const Row& row : connection_.query(sql, std::span<const Value>(last_key_))) {
      for (std::size_t column = 0; column < columns_; ++column) {
        values.push_back(portable(row.value(column)));
      }
      last_key_.clear();
      for (const std::size_t position : key_positions_) {
        last_key_.push_back(row.value(position));
      }
    }
    return values;
  }

 private:
  Connection& connection_;
  std::string select_;
  std::string after_;
  std::string order_;
  std::size_t columns_ = 0;
  std::vector<std::size_t> key_positions_;
  std::vector<Value> last_key_;
};

// Calls `use` with each page, and counts and sums up the rows.
template <class Use>
CopiedTable for_each_page(Connection& connection, const std::string& table,
                          const TableLayout& layout, Use use) {
  CopiedTable sum{.name = table, .checksum = {}};
  std::string digest;
  Pages pages(connection, table, layout);
  for (std::vector<Value> values; !(values = pages.next()).empty();) {
    for (std::span<const Value> rest = values; !rest.empty();
         rest = rest.subspan(layout.columns.size())) {
      digest = crypto::sha256(digest + encoded(rest.first(layout.columns.size())));
      ++sum.rows;
    }
    use(values, sum);
  }
  sum.checksum = crypto::to_hex(digest);
  return sum;
}

// Why a table of the one cannot become one of the other, if so.
std::optional<std::string> mismatch(const std::string& table, TableLayout source,
                                    TableLayout target, Connection& to) {
  std::ranges::sort(source.columns);
  std::ranges::sort(target.columns);
  if (source.columns != target.columns || source.key != target.key || source.key.empty()) {
    return fmt::format("the table {} is not made alike on both sides", table);
  }
  if (!to.query(fmt::format("SELECT 1 FROM {} LIMIT 1", table)).empty()) {
    return fmt::format("the target is not empty: its table {} has rows", table);
  }
  return std::nullopt;
}

// Nothing is stored if this is thrown.
struct Refused {
  std::string reason;
};

CopiedTable copy_table(Connection& from, Connection& to, const std::string& table,
                       const std::function<void(const CopiedTable&)>& progress) {
  const TableLayout layout = from.layout(table);
  if (const auto reason = mismatch(table, layout, to.layout(table), to)) {
    throw Refused{*reason};
  }
  const ManyRows insert(
      fmt::format("INSERT INTO {} ({}) VALUES", table, fmt::join(layout.columns, ", ")),
      layout.columns.size(), "");
  const CopiedTable read =
      for_each_page(from, table, layout, [&](std::span<const Value> values, const auto& sum) {
        insert.execute(to, values);
        progress(sum);
      });
  const CopiedTable written = for_each_page(to, table, layout, [](const auto&, const auto&) {});
  if (written != read) {
    throw Refused{fmt::format("the table {} has {} rows here and {} there, or other ones", table,
                              read.rows, written.rows)};
  }
  return written;
}

}  // namespace

Result<std::vector<CopiedTable>> copy(Database& from, Database& to,
                                      std::span<const Migration> migrations, const Clock& clock,
                                      const std::function<void(const CopiedTable&)>& progress) {
  if (!is_current(from, migrations)) {
    return fail(ErrorCode::conflict,
                "the source is not of this version: run busy-beaver migrate with it first");
  }
  if (const auto migrated = migrate(to, migrations, clock); !migrated) {
    return fail(migrated.error());
  }
  std::optional<std::vector<CopiedTable>> copied;
  const auto copy_all = [&](Connection& source) {
    if (copied) {
      return;  // the connection to the source was lost after the target had committed
    }
    copied = to.write(
        [&](Connection& target) {
          std::vector<CopiedTable> done;
          for (const std::string& table : tables(migrations)) {
            done.push_back(copy_table(source, target, table, progress));
          }
          return done;
        },
        Isolation::read_committed);
  };
  try {
    from.read(copy_all);
  } catch (const Refused& refused) {
    return fail(ErrorCode::conflict, refused.reason);
  }
  return *std::move(copied);
}

}  // namespace bb::storage
