// Hands the command line to the command that it names.
#include "app/commands.hpp"

int main(int argc, char** argv) {
  return bb::app::run_command(argc, argv);
}
