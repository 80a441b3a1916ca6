// What Slack accepts as the content of a message
// (https://api.slack.com/reference/block-kit/blocks).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bb::sim {

// Why `blocks` is refused, e.g. "must be less than 3001 characters
// [json-pointer:/blocks/0/text/text]"; nothing if it is accepted.
std::optional<std::string> find_block_error(const boost::json::array& blocks);

// The error word that refuses this metadata; nothing if it is accepted.
std::optional<std::string> find_metadata_error(const boost::json::value& metadata);

// As Slack counts those of valid UTF-8: two for each that is beyond the BMP.
std::size_t count_characters(std::string_view text);

// Whether all texts and addresses of a message's blocks together are too many characters.
bool are_blocks_too_long(const boost::json::array& blocks);

}  // namespace bb::sim
