// The commands of the binary.
#pragma once

namespace bb::app {

// Runs the command that `argv` names; returns the exit code: 0 done, 1 failed, 2 wrong usage or
// configuration.
int run_command(int argc, char** argv);

}  // namespace bb::app
