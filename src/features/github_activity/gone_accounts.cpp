#include "features/github_activity/gone_accounts.hpp"

#include <string>

#include "base/log.hpp"

namespace bb::github_activity {
namespace {

chat::Message gone_message(const std::string& login) {
  const std::string text =
      "GitHub does not show the account " + login +
      " any more, so nothing is shown about you until it is back. Say reconnect to link another "
      "account, or disconnect to remove the link and everything I stored about you.";
  return {.fallback = text, .blocks = {chat::Section{.text = {{.text = text}}}}};
}

}  // namespace

void tell_gone(storage::Connection& connection, jobs::Outbox& outbox, chat::Renderer render,
               std::int64_t github_id, TimePoint now) {
  connection.execute("UPDATE poll_state SET gone_told_at = $1 WHERE github_id = $2",
                     {now, github_id});
  for (const storage::Row& row : connection.query(
           "SELECT workspace_id, user_id, dm_channel, login FROM github_account WHERE github_id = "
           "$1 ORDER BY workspace_id, user_id",
           {github_id})) {
    const std::string& workspace = row.text(0);
    const UserId user{row.text(1)};
    outbox.add(connection, {.idempotency_key = "gone:" + workspace + ":" + user.value + ":" +
                                               std::to_string(now.time_since_epoch().count()),
                            .workspace_id = workspace,
                            .channel = {row.text(2)},
                            .subject = user,
                            .rendered = render(gone_message(row.text(3))),
                            .audience = jobs::Audience::person});
    log::info("account_gone_told", {{"user", user.value}, {"github_id", github_id}});
  }
}

}  // namespace bb::github_activity
