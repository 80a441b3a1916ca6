// `feeds` in a direct message: admins add, look at and end what is posted of accounts and blogs.
#pragma once

#include "base/clock.hpp"
#include "chat/commands.hpp"
#include "features/feeds/requests.hpp"

namespace bb::feeds {

chat::Command feeds_command(Requests& requests, const Context& context);

}  // namespace bb::feeds
