// Whether a message that has failed may be in the chat, and messages that are taken back.
#include <doctest/doctest.h>

#include "jobs/outbox_world.test.hpp"

namespace bb::jobs {

TEST_CASE("a delivery that has failed says whether it may be in the chat") {
  const auto perhaps_posted = [](OutboxWorld& world) {
    REQUIRE(world.state("a") == "failed");
    return world.row("SELECT perhaps_posted FROM delivery").boolean(0);
  };
  OutboxWorld refused;
  refused.add({.rendered = "a"});
  refused.platform.answers = {{ErrorCode::conflict, "is_archived"},
                              {ErrorCode::conflict, "is_archived"}};
  refused.run_due();
  CHECK_FALSE(perhaps_posted(refused));

  OutboxWorld refused_later;  // the first call is known not to have posted anything
  refused_later.add({.rendered = "a"});
  refused_later.platform.answers = {{ErrorCode::uncertain, "reset"},
                                    {ErrorCode::conflict, "is_archived"},
                                    {ErrorCode::conflict, "is_archived"}};
  refused_later.run_for(minute);
  CHECK_FALSE(perhaps_posted(refused_later));

  OutboxWorld unreadable;
  unreadable.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  unreadable.die_while_sending({.rendered = "a"}, "a");
  unreadable.run_for(2 * minute);
  CHECK(perhaps_posted(unreadable));

  OutboxWorld unclear;
  unclear.add({.rendered = "a"});
  unclear.platform.answers.assign(1'000, Error{ErrorCode::uncertain, "reset"});
  unclear.run_for(120 * minute);
  CHECK(perhaps_posted(unclear));
}

TEST_CASE("a message is taken back while nobody has begun to post it") {
  OutboxWorld world;
  const auto withdraw = [&](std::string_view key) {
    return world.database->write(
        [&](storage::Connection& connection) { return world.outbox.withdraw(connection, key); });
  };
  world.die_while_sending({.rendered = "a"}, "a");
  world.add({.rendered = "b"});
  CHECK_FALSE(withdraw("a"));
  CHECK(withdraw("b"));
  CHECK_FALSE(withdraw("b"));
  world.add({.rendered = "c", .idempotency_key = "b"});
  world.run_for(2 * minute);
  CHECK((world.texts() == Texts{"a", "c"}));
}

}  // namespace bb::jobs
