#include "features/github_activity/member_commands.hpp"

#include <functional>

#include "features/github_activity/hiding.hpp"
#include "features/github_activity/pauses.hpp"
#include "features/github_activity/polling.hpp"

namespace bb::github_activity {
namespace {

using Answer = std::function<chat::Message(storage::Connection&, const Asked&)>;

// The command of a member who has linked an account; another one hears how to.
auto for_linked(Answer answer) {
  return [answer = std::move(answer)](storage::Connection& connection, const chat::Caller& caller,
                                      std::string_view arguments) {
    const auto member = linked_member(connection, caller.workspace, caller.user);
    return member ? answer(connection, {.workspace = caller.workspace,
                                        .member = *member,
                                        .arguments = std::string(arguments)})
                  : reply(
                        "You have no GitHub account linked, so I show nothing about you. Say "
                        "connect to link one.");
  };
}

std::string without(std::string text, std::string_view part) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) {
    text.erase(at, part.size());
  }
  return text;
}

enum class Mention : bool { no, yes };

Answer set_mention(Mention mention) {
  return [wanted = mention == Mention::yes](storage::Connection& connection, const Asked& asked) {
    const std::string what = wanted ? "mention you" : "show your name without a mention";
    Preferences preferences = asked.member.preferences;
    if (preferences.mention == wanted) {
      return reply("The summaries " + what + " already.");
    }
    preferences.mention = wanted;
    store_preferences(connection, asked.workspace, asked.member.user, preferences);
    return reply("The summaries " + what + " from now on. Say " + (wanted ? "noping" : "ping") +
                 " to reverse it.");
  };
}

}  // namespace

std::vector<chat::Command> MemberCommands::commands() {
  const auto bind =
      [this](chat::Message (MemberCommands::*run)(storage::Connection&, const Asked&)) -> Answer {
    return [this, run](storage::Connection& connection, const Asked& asked) {
      return (this->*run)(connection, asked);
    };
  };
  const Answer see_preview = [this](storage::Connection& connection, const Asked& asked) {
    return preview(connection, asked, settings_, clock_.now());
  };
  const Answer see_status = [this](storage::Connection& connection, const Asked& asked) {
    return status(connection, asked, settings_);
  };
  // The address of a repository here is its name.
  const auto with_names = [this](const Answer& answer) -> Answer {
    return [this, answer](storage::Connection& connection, Asked asked) {
      asked.arguments = without(asked.arguments, settings_.presentation.web_url + "/");
      return answer(connection, asked);
    };
  };
  const Answer get_export = [this](storage::Connection& connection, const Asked& asked) {
    return exports_.offer(connection, asked);
  };
  // Digests that wait to be posted are to respect it, too.
  const auto less_shown = [this](Answer answer) -> Answer {
    return [this, answer = std::move(answer)](storage::Connection& connection, const Asked& asked) {
      chat::Message message = answer(connection, asked);
      wish_changed_(connection, asked.workspace, asked.member.user);
      return message;
    };
  };
  return {
      {"pause", "", "shows nothing about you until you say resume",
       for_linked(less_shown(bind(&MemberCommands::pause)))},
      {"resume", "", "makes you part of the summaries again",
       for_linked(bind(&MemberCommands::resume))},
      {"preview", "", "shows your part of the next summary and why something is left out",
       for_linked(see_preview)},
      {"hide", "OWNER/REPO or a kind such as stars", "leaves it out of your part",
       for_linked(less_shown(with_names(hide)))},
      {"show", "OWNER/REPO or a kind or everything", "puts it back in",
       for_linked(with_names(show))},
      {"unhide", "OWNER/REPO or a kind or everything", "", for_linked(with_names(show))},
      {"noping", "", "shows your name without a mention",
       for_linked(less_shown(set_mention(Mention::no)))},
      {"ping", "", "mentions you again", for_linked(set_mention(Mention::yes))},
      {"status", "", "tells what is stored about you", for_linked(see_status)},
      {"export", "", "gives you everything that is stored about you as a file",
       for_linked(get_export)},
  };
}

chat::Message MemberCommands::pause(storage::Connection& connection, const Asked& asked) {
  if (asked.member.paused_at) {
    return reply("You paused already, on " + time_text(settings_.zone, *asked.member.paused_at) +
                 ". Say resume to be part of the summaries again.");
  }
  connection.execute(
      "UPDATE github_account SET paused_at = $1 WHERE workspace_id = $2 AND user_id = $3",
      {clock_.now(), asked.workspace, asked.member.user});
  Polling::pause_if_unwanted(connection, asked.member.account.id);
  return reply(
      "Paused: nothing about you is shown from now on, and I do not ask GitHub what you do. What "
      "you "
      "hide stays hidden. Say resume to be part of the summaries again.");
}

chat::Message MemberCommands::resume(storage::Connection& connection, const Asked& asked) {
  if (!asked.member.paused_at) {
    return reply("You are part of the summaries already.");
  }
  connection.execute(
      "UPDATE github_account SET paused_at = NULL WHERE workspace_id = $1 AND user_id = $2",
      {asked.workspace, asked.member.user});
  add_pause(connection, asked.workspace, asked.member.user,
            {.began_at = *asked.member.paused_at, .ended_at = clock_.now()});
  Polling::resume(connection, queue_, asked.member.account.id, clock_.now());
  return reply(
      "Welcome back: you are part of the summaries again, without what you did meanwhile. Say "
      "preview to see what the next one shows about you.");
}

}  // namespace bb::github_activity
