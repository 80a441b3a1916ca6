#include "features/feeds/moved_ids.hpp"

#include "features/feeds/formats/address.hpp"

namespace bb::feeds {
namespace {

// "/p/1?page=2" of https://example.org/p/1?page=2; ids have no other scheme of the web.
std::string_view path_of(std::string_view id) {
  constexpr std::string_view scheme = "https://";
  if (!id.starts_with(scheme)) {
    return {};
  }
  const std::size_t end_of_host = id.find_first_of("/?#", scheme.size());
  const std::string_view path =
      end_of_host == id.npos ? std::string_view() : id.substr(end_of_host);
  return path == "/" ? std::string_view() : path;
}

}  // namespace

bool has_moved(const Target& before, const Target& now) {
  return !now.address.empty() && host_of(before.address) != host_of(now.address);
}

void IdsByPath::add(std::string_view id) {
  if (const std::string_view path = path_of(id); !path.empty()) {
    ids_.insert_or_assign(std::string(path), std::string(id));
  }
}

std::optional<std::string> IdsByPath::take(std::string_view id) {
  const auto found = ids_.find(path_of(id));
  if (found == ids_.end()) {
    return std::nullopt;
  }
  std::string known = std::move(found->second);
  ids_.erase(found);
  return known;
}

}  // namespace bb::feeds
