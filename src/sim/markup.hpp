// Text for HTML and XML. Internal to the simulator.
#pragma once

#include <string>
#include <string_view>

namespace bb::sim {

// For element content and attributes in double quotes.
std::string in_markup(std::string_view text);

}  // namespace bb::sim
