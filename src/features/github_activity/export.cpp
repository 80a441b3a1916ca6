#include "features/github_activity/export.hpp"

#include <optional>

#include "base/log.hpp"
#include "crypto/crypto.hpp"
#include "features/github_activity/export_file.hpp"
#include "features/github_activity/pages.hpp"

namespace bb::github_activity {
namespace {

constexpr std::size_t token_octets = 32;
constexpr std::size_t token_length = 43;  // of them in base64url

std::string hash_of(std::string_view token) {
  return crypto::to_hex(crypto::sha256(token));
}

http::Response file_response(std::string file) {
  return {.status = 200,
          .headers = {{"Content-Type", "application/json"},
                      {"Content-Disposition", "attachment; filename=\"busy-beaver-export.json\""},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-store"}},
          .body = std::move(file)};
}

}  // namespace

chat::Message Exports::offer(storage::Connection& connection, const Asked& asked) {
  const std::string token = crypto::to_base64url(random_.bytes(token_octets));
  connection.execute(
      "INSERT INTO export_link (token_hash, workspace_id, user_id, expires_at) VALUES ($1, $2, $3, "
      "$4)",
      {hash_of(token), asked.workspace, asked.member.user, clock_.now() + lifetime});
  return reply(
      {chat::Section{.text = {{.text = "Here is everything that is stored about you, as a JSON "
                                       "file. The link works for an hour, for everybody who has "
                                       "it: keep it to yourself."}}},
       chat::Buttons{.buttons = {{.label = "Download", .url = url_ + "?token=" + token}}}});
}

http::Response Exports::download(const http::Request& request) {
  const std::string token = request.query.find("token").value_or("");
  const TimePoint now = clock_.now();
  const auto find_file = [&](storage::Connection& connection) -> std::optional<std::string> {
    const storage::Rows rows = connection.query(
        "SELECT workspace_id, user_id FROM export_link WHERE token_hash = $1 AND expires_at > $2",
        {hash_of(token), now});
    if (rows.empty()) {
      return std::nullopt;
    }
    return export_file(connection, {rows[0].text(0)}, {rows[0].text(1)}, now);
  };
  std::optional<std::string> file;
  if (token.size() == token_length) {
    file = database_.read(find_file);
  }
  if (!file) {
    return http::html_response(
        404, result_page("There is nothing at this link",
                         "Links to your data work for an hour. Say export to Busy Beaver to get a "
                         "new one."));
  }
  log::info("export_downloaded");
  return file_response(*std::move(file));
}

std::int64_t Exports::clean(storage::Connection& connection, TimePoint now) {
  return connection.execute("DELETE FROM export_link WHERE expires_at <= $1", {now});
}

void Exports::forget(storage::Connection& connection, const WorkspaceId& workspace,
                     const UserId& user) {
  connection.execute("DELETE FROM export_link WHERE workspace_id = $1 AND user_id = $2",
                     {workspace, user});
}

}  // namespace bb::github_activity
