#include "features/github_activity/digest.hpp"
#include "features/github_activity/history.hpp"
#include "features/github_activity/kinds.hpp"
#include "features/github_activity/member_report.hpp"

namespace bb::github_activity {
namespace {

chat::Section plain_section(std::string text) {
  return {.text = {{.text = std::move(text)}}};
}

}  // namespace

chat::Message preview(storage::Connection& connection, const Asked& asked,
                      const ReportSettings& settings, TimePoint now) {
  const LinkedMember& member = asked.member;
  if (member.paused_at) {
    return reply("There is nothing about you in the next summary: you paused on " +
                 time_text(settings.zone, *member.paused_at) +
                 ". Say resume to be part of it again.");
  }
  const ChannelId channel = last_channel(connection, asked.workspace).value_or(ChannelId{});
  const NextWindow next = next_windows(connection, asked.workspace, channel, now).of(member.user);
  const NextWindow regular =
      coming_windows(connection, asked.workspace, channel, now).of(member.user);
  Loaded loaded = load_person(connection, asked.workspace, member, next);
  if (settings.pictures) {
    loaded.person.avatar_url = avatar_url(member);
  }
  Composer composer(next.window, settings.zone, kinds_of(connection, asked.workspace));
  Outcome outcome = composer.add(loaded.person);
  outcome.add(Fate::paused, loaded.paused);
  const Digest digest = std::move(composer).finish();

  std::vector<chat::Block> blocks;
  if (digest.sections.empty()) {
    blocks.emplace_back(
        plain_section("There is nothing to show about you in the next summary yet."));
  } else {
    blocks.emplace_back(plain_section("This is your part of the next summary, as of now:"));
    blocks.emplace_back(render_section(digest.sections.front(), settings.presentation));
  }
  std::string reasons = "Since " + time_text(settings.zone, next.window.since) + ": " +
                        to_text(outcome) + ". " + github_text(member, settings.zone);
  if (regular.window.since > next.window.since) {
    reasons += " A summary that is made before " +
               time_text(settings.zone, regular.window.since + extra_within) +
               " shows again what the last one showed; a later one shows what came after that.";
  }
  const auto last = last_outcome(connection, asked.workspace, member.user);
  if (last && last->member.outcome == not_in_channel) {
    reasons +=
        " You were not in the channel of the last summary: a summary shows only members of its "
        "channel.";
  }
  blocks.emplace_back(chat::Context{.text = {{.text = reasons}}});
  return reply(std::move(blocks));
}

}  // namespace bb::github_activity
