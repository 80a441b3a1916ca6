// What members say while a digest waits to be posted counts: the messages about them are made anew.
#include <algorithm>

#include "features/github_activity/summary.hpp"

namespace bb::github_activity {

void Summary::revise(storage::Connection& connection, const WorkspaceId& workspace,
                     const UserId& member) {
  for (const WaitingMessage& waiting : waiting_messages(connection, workspace, member)) {
    // Where the first message waits, all do; its highlights may be about the member.
    if (outbox_.withdraw(connection, delivery_key(waiting.digest.id, 0))) {
      make_anew(connection, workspace, waiting.digest);
    } else if (outbox_.withdraw(connection, delivery_key(waiting.digest.id, waiting.message))) {
      make_anew(connection, workspace, waiting);
    }
  }
}

void Summary::make_anew(storage::Connection& connection, const WorkspaceId& workspace,
                        const PastDigest& digest) {
  for (std::size_t i = 1; outbox_.withdraw(connection, delivery_key(digest.id, i)); ++i) {
  }
  std::set<UserId> known;
  std::set<UserId> present;
  for (const MemberOutcome& member : outcomes_of(connection, digest.id)) {
    known.insert(member.user);
    if (member.outcome != not_in_channel) {
      present.insert(member.user);
    }
  }
  erase_digest(connection, digest.id);
  Draft draft{
      .workspace = workspace, .made = digest, .members = linked_members(connection, workspace)};
  std::erase_if(draft.members,
                [&](const LinkedMember& member) { return !known.contains(member.user); });
  draft.parts = render_parts(compose(connection, draft, present, made_at(digest.window)),
                             settings_.presentation);
  enqueue(connection, draft);
}

// The people of one message, in as many as it takes: more may have come in meanwhile.
void Summary::make_anew(storage::Connection& connection, const WorkspaceId& workspace,
                        const WaitingMessage& message) {
  const std::string& digest = message.digest.id;
  std::set<UserId> people;
  std::size_t last = message.message;
  for (const MemberOutcome& member : outcomes_of(connection, digest)) {
    last = std::max(last, member.message);
    if (member.message == message.message) {
      people.insert(member.user);
    }
  }
  Draft draft{.workspace = workspace,
              .made = message.digest,
              .members = linked_members(connection, workspace)};
  std::erase_if(draft.members,
                [&](const LinkedMember& member) { return !people.contains(member.user); });
  const Digest anew = compose(connection, draft, people, made_at(message.digest.window));
  draft.parts =
      render_people(anew, {.part = message.message, .parts = last}, settings_.presentation);
  for (std::size_t i = 0; i < draft.parts.size(); ++i) {
    enqueue(connection, draft, draft.parts[i], i == 0 ? message.message : last + i);
  }
  record_people(connection, digest, draft.outcomes, draft.just_stored);
}

}  // namespace bb::github_activity
