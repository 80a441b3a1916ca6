#include "features/github_activity/export_file.hpp"

#include <boost/json.hpp>
#include <span>
#include <string_view>

#include "base/json.hpp"
#include "base/time.hpp"

namespace bb::github_activity {
namespace {

enum class Type : std::uint8_t { text, number, time, json };

struct Column {
  std::string_view name;
  Type type = Type::text;
};

enum class Rows : std::uint8_t { one, many };

// One member of the file: the rows of a query with the workspace as $1 and the user as $2.
struct Part {
  std::string_view name;
  Rows rows = Rows::many;
  std::string_view sql;
  std::span<const Column> columns;  // as the query selects them
};

constexpr Column account_columns[] = {{"user_id"},
                                      {"dm_channel"},
                                      {"github_id", Type::number},
                                      {"login"},
                                      {"linked_at", Type::time},
                                      {"paused_at", Type::time},
                                      {"preferences", Type::json}};
constexpr Column pause_columns[] = {{"began_at", Type::time}, {"ended_at", Type::time}};
constexpr Column polling_columns[] = {{"polled_at", Type::time},
                                      {"interval_in_milliseconds", Type::number},
                                      {"next_poll_at", Type::time},
                                      {"allowed_at", Type::time},
                                      {"observed_since", Type::time},
                                      {"gone_since", Type::time},
                                      {"gone_told_at", Type::time},
                                      {"first_pull_request"},
                                      {"first_pull_request_at", Type::time},
                                      {"newest_event"},
                                      {"newest_event_at", Type::time},
                                      {"activity_stored_at", Type::time},
                                      {"etag"},
                                      {"failures", Type::number},
                                      {"error"}};
constexpr Column sign_in_columns[] = {
    {"created_at", Type::time}, {"expires_at", Type::time}, {"used_at", Type::time}};
constexpr Column export_link_columns[] = {{"expires_at", Type::time}};
constexpr Column summary_columns[] = {
    {"made_at", Type::time},  {"channel"}, {"login"}, {"outcome"}, {"detail"},
    {"message", Type::number}};
constexpr Column summary_event_columns[] = {{"made_at", Type::time}, {"event_id"}};
constexpr Column answer_columns[] = {{"subject"}, {"answer"}, {"fetched_at", Type::time}};
// What jobs and messages hold is about what is under way: it is gone once that is done.
constexpr Column job_columns[] = {
    {"kind"}, {"state"}, {"created_at", Type::time}, {"run_at", Type::time}, {"error"}};
constexpr Column delivery_columns[] = {
    {"channel"}, {"audience"}, {"state"}, {"created_at", Type::time}, {"error"}};
constexpr Column activity_columns[] = {
    {"event_id"},         {"type"}, {"repo"}, {"created_at", Type::time}, {"stored_at", Type::time},
    {"facts", Type::json}};

constexpr Part parts[] = {
    {.name = "account",
     .rows = Rows::one,
     .sql = "SELECT user_id, dm_channel, github_id, login, linked_at, paused_at, preferences FROM "
            "github_account WHERE workspace_id = $1 AND user_id = $2",
     .columns = account_columns},
    {.name = "pauses",
     .sql = "SELECT began_at, ended_at FROM pause WHERE workspace_id = $1 AND member = $2 ORDER BY "
            "began_at",
     .columns = pause_columns},
    {.name = "polling",
     .rows = Rows::one,
     .sql = "SELECT p.polled_at, p.poll_interval, p.next_poll_at, p.allowed_at, p.observed_since, "
            "p.gone_since, "
            "p.gone_told_at, p.first_pull_request, p.first_pull_request_at, p.newest_event, "
            "p.newest_event_at, p.activity_stored_at, p.etag, p.failures, p.error FROM poll_state "
            "p JOIN github_account a ON a.github_id = p.github_id WHERE "
            "a.workspace_id = $1 AND a.user_id = $2",
     .columns = polling_columns},
    {.name = "sign_ins",
     .sql = "SELECT created_at, expires_at, used_at FROM oauth_state WHERE workspace_id = $1 AND "
            "user_id = $2 ORDER BY created_at",
     .columns = sign_in_columns},
    {.name = "export_links",
     .sql = "SELECT expires_at FROM export_link WHERE workspace_id = $1 AND user_id = $2 ORDER BY "
            "expires_at",
     .columns = export_link_columns},
    {.name = "summaries",
     .sql = "SELECT d.until, d.channel, m.login, m.outcome, m.detail, m.message FROM digest_member "
            "m JOIN "
            "digest d ON d.id = m.digest_id WHERE d.workspace_id = $1 AND m.user_id = $2 ORDER BY "
            "d.until, d.id",
     .columns = summary_columns},
    {.name = "summary_events",
     .sql = "SELECT d.until, s.event_id FROM digest_event s JOIN digest d ON d.id = s.digest_id "
            "JOIN github_account a ON a.workspace_id = d.workspace_id JOIN activity e ON "
            "e.github_id = a.github_id AND e.event_id = s.event_id WHERE a.workspace_id = $1 AND "
            "a.user_id = $2 ORDER BY d.until, s.event_id",
     .columns = summary_event_columns},
    {.name = "activity",
     .sql = "SELECT e.event_id, e.type, e.repo, e.created_at, e.stored_at, e.facts FROM activity e "
            "JOIN github_account a ON a.github_id = e.github_id WHERE a.workspace_id = $1 AND "
            "a.user_id = $2 ORDER BY e.created_at, e.event_id",
     .columns = activity_columns},
    {.name = "answers_about_own_repositories",
     .sql = "SELECT n.subject, n.answer, n.fetched_at FROM enrichment n JOIN github_account a ON "
            "n.subject LIKE '%:' || REPLACE(REPLACE(LOWER(a.login), '!', '!!'), '_', '!_') || '/%' "
            "ESCAPE '!' WHERE a.workspace_id = $1 AND a.user_id = $2 ORDER BY n.subject",
     .columns = answer_columns},
    {.name = "jobs",
     .sql = "SELECT kind, state, created_at, run_at, error FROM job WHERE workspace_id = $1 AND "
            "subject = $2 AND subject <> '' ORDER BY created_at, id",
     .columns = job_columns},
    {.name = "messages",
     .sql = "SELECT d.channel, d.audience, d.state, d.created_at, d.error FROM delivery d WHERE "
            "d.workspace_id = $1 AND ((d.subject = $2 AND d.subject <> '') OR (d.audience = "
            "'person' AND (d.channel = $2 OR d.channel = (SELECT dm_channel FROM github_account "
            "WHERE workspace_id = $1 AND user_id = $2)))) ORDER BY d.created_at, d.id",
     .columns = delivery_columns},
};

boost::json::value value_of(const storage::Row& row, std::size_t index, Type type) {
  if (row.is_null(index)) {
    return nullptr;
  }
  switch (type) {
    case Type::text:
      return boost::json::value(row.text(index));
    case Type::number:
      return row.integer(index);
    case Type::time:
      return boost::json::value(format_rfc3339(row.time(index)));
    case Type::json:
      return json::parse(row.text(index)).value_or(boost::json::value(row.text(index)));
  }
  return nullptr;
}

std::string line_of(const storage::Row& row, std::span<const Column> columns) {
  boost::json::object object;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    object[columns[i].name] = value_of(row, i, columns[i].type);
  }
  return boost::json::serialize(object);
}

std::string text_of(const Part& part, const storage::Rows& rows) {
  if (part.rows == Rows::one) {
    return rows.empty() ? "null" : line_of(rows.front(), part.columns);
  }
  std::string text = "[";
  for (const storage::Row& row : rows) {
    text += (text.size() > 1 ? ",\n    " : "\n    ") + line_of(row, part.columns);
  }
  return text + (rows.empty() ? "]" : "\n  ]");
}

}  // namespace

std::string export_file(storage::Connection& connection, const WorkspaceId& workspace,
                        const UserId& user, TimePoint now) {
  std::string text = "{\n  \"exported_at\": \"" + format_rfc3339(now) + "\"";
  for (const Part& part : parts) {
    text += ",\n  \"" + std::string(part.name) +
            "\": " + text_of(part, connection.query(part.sql, {workspace, user}));
  }
  return text + "\n}\n";
}

}  // namespace bb::github_activity
