// A digest as Slack gets it.
#pragma once

#include <vector>

#include "chat/slack/render.hpp"
#include "features/github_activity/digest.hpp"

namespace bb::github_activity {

inline std::vector<chat::Message> render(const Digest& digest) {
  return render(digest, {.length = &chat::slack::length});
}

}  // namespace bb::github_activity
