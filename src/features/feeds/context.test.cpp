#include "features/feeds/context.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

namespace bb::feeds {
namespace {

// Says the same about every address but those that begin with "-".
class Fixed final : public Source {
 public:
  explicit Fixed(Result<Target> answer) : answer_(std::move(answer)) {}

  [[nodiscard]] std::string_view name() const override { return "fixed"; }
  [[nodiscard]] std::optional<Step<Target>> resolve(std::string_view typed) const override {
    return typed.starts_with('-') ? std::nullopt : std::optional<Step<Target>>(answer_);
  }
  [[nodiscard]] Step<Batch> fetch(const Target& /*target*/,
                                  const Position& /*position*/) const override {
    return Result<Batch>(fail(ErrorCode::internal, "not asked for here"));
  }
  [[nodiscard]] Step<std::optional<Item>> look_up(const Target& /*target*/,
                                                  const Item& /*item*/) const override {
    return Result<std::optional<Item>>(fail(ErrorCode::internal, "not asked for here"));
  }

 private:
  Result<Target> answer_;
};

Result<Target> resolve_with(Result<Target> first, Result<Target> second,
                            std::string_view typed = "ada.example") {
  Sources sources;
  sources.push_back(std::make_unique<Fixed>(std::move(first)));
  sources.push_back(std::make_unique<Fixed>(std::move(second)));
  const auto client = http::make_curl_client({.user_agent = "feeds-tests"});
  return resolve(sources, *client, typed);
}

const Target blog{.source = "fixed", .address = "blog"};
const Target account{.source = "fixed", .address = "account"};

}  // namespace

TEST_CASE("a name with a dot that is no handle is the address of a site") {
  const Error no_account{.code = ErrorCode::not_found, .message = "no account"};
  const Error no_site{.code = ErrorCode::unavailable, .message = "no site"};
  CHECK(resolve_with(account, blog) == account);
  CHECK(resolve_with(fail(no_account), blog) == blog);
  CHECK(resolve_with(fail(no_account), fail(no_site)).error() ==
        Error{.code = ErrorCode::unavailable, .message = "no account: no site"});
}

TEST_CASE("a source that may know an address later is not passed over") {
  const Error down{.code = ErrorCode::unavailable, .message = "down"};
  CHECK(resolve_with(fail(down), blog).error() == down);
}

TEST_CASE("what looks like no address at all is told so") {
  CHECK(resolve_with(account, blog, "-x").error().code == ErrorCode::invalid_input);
}

}  // namespace bb::feeds
