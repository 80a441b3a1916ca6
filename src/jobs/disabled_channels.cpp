#include "jobs/disabled_channels.hpp"

namespace bb::jobs {

std::string DisabledChannel::explanation() const {
  return "the channel is disabled: " + reason +
         "; once that is mended: busy-beaver channels enable " + channel.value;
}

namespace {

DisabledChannel channel_of(const storage::Row& row) {
  return {.workspace = {row.text(0)},
          .channel = {row.text(1)},
          .reason = row.text(2),
          .since = row.time(3)};
}

}  // namespace

std::vector<DisabledChannel> disabled_channels(storage::Connection& connection) {
  std::vector<DisabledChannel> channels;
  for (const storage::Row& row :
       connection.query("SELECT workspace_id, channel, reason, since FROM disabled_channel "
                        "ORDER BY since, workspace_id, channel")) {
    channels.push_back(channel_of(row));
  }
  return channels;
}

std::optional<DisabledChannel> find_disabled(storage::Connection& connection,
                                             const WorkspaceId& workspace,
                                             const ChannelId& channel) {
  const storage::Rows rows = connection.query(
      "SELECT workspace_id, channel, reason, since FROM disabled_channel "
      "WHERE workspace_id = $1 AND channel = $2",
      {workspace, channel});
  return rows.empty() ? std::nullopt : std::optional(channel_of(rows[0]));
}

bool disable(storage::Connection& connection, const DisabledChannel& channel) {
  return connection.execute(
             "INSERT INTO disabled_channel (workspace_id, channel, reason, since) "
             "VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, channel) DO NOTHING",
             {channel.workspace, channel.channel, channel.reason, channel.since}) == 1;
}

bool enable(storage::Connection& connection, const WorkspaceId& workspace,
            const ChannelId& channel) {
  return connection.execute("DELETE FROM disabled_channel WHERE workspace_id = $1 AND channel = $2",
                            {workspace, channel}) == 1;
}

}  // namespace bb::jobs
