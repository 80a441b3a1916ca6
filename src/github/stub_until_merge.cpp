#include "github/api.hpp"
namespace bb::github {
Budget Api::budget() const { return {}; }
Result<std::vector<std::optional<std::string>>> Api::pull_request_titles(std::span<const PullRequestRef>) { return fail(ErrorCode::unavailable, "stub"); }
Result<std::vector<std::optional<std::int64_t>>> Api::release_counts(std::span<const std::string>) { return fail(ErrorCode::unavailable, "stub"); }
void Api::commit_counts(std::span<const PushRange> w, std::size_t, const std::function<void(std::size_t, Result<std::int64_t>)>& done) { for (std::size_t i=0;i<w.size();++i) done(i, fail(ErrorCode::unavailable, "stub")); }
}
