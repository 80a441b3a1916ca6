// The version of this binary, shown by --version and sent in User-Agent.
#pragma once

namespace bb::app {

inline constexpr char version[] = "0.1.0";

}  // namespace bb::app
