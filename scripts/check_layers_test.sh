#!/usr/bin/env bash
# check_layers.sh has to find a violation of each rule, and nothing in code that keeps them.
set -euo pipefail

check=$(cd "$(dirname "$0")" && pwd)/check_layers.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# expect MESSAGE FILE LINE...: a project whose only file holds these lines; no MESSAGE means it is clean.
expect() {
  local message=$1 file=$2 output status=0
  shift 2
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/$(dirname "$file")"
  printf '%s\n' "$@" >"$tree/$file"
  output=$("$check" "$tree" 2>&1) || status=$?
  if [[ -z $message && $status -ne 0 ]] || [[ -n $message && ($status -eq 0 || $output != *"$message"*) ]]; then
    printf 'FAILED %s: %s\n  expected: %s\n  got (%s): %s\n' "$file" "$*" "${message:-nothing}" "$status" "$output"
    failures=$((failures + 1))
  fi
}

expect 'not below it' src/base/a.cpp '#include "http/client.hpp"'
expect 'not below it' src/storage/a.cpp '#include "http/client.hpp"'
expect 'not below it' src/chat/a.cpp '#include "jobs/queue.hpp"'
expect 'not below it' src/github/a.test.cpp '#include "chat/message.hpp"'
expect 'not below it' src/jobs/a.cpp '#include "github/api.hpp"'
expect 'not below it' src/features/digest/a.cpp '#include "app/app.hpp"'
expect 'not below it' src/features/digest/a.cpp '#include "sim/slack.hpp"'
expect 'not below it' src/sim/a.cpp '#include "storage/database.hpp"'
expect 'includes the feature' src/features/digest/a.cpp '#include "features/feeds/feed.hpp"'
expect 'only chat and app know Slack' src/features/digest/a.cpp '#include "chat/slack/render.hpp"'
expect 'in no layer' src/misc/a.cpp 'int x;'
expect 'belongs to http' src/chat/a.cpp '#include <curl/curl.h>'
expect 'belongs to http' src/app/a.cpp '#include <boost/asio/io_context.hpp>'
expect 'belongs to storage' src/jobs/a.cpp '#include <sqlite3.h>'
expect 'belongs to crypto' src/http/a.cpp '#include <openssl/evp.h>'
expect 'belongs to github' src/http/a.cpp '#include <zlib.h>'
expect 'belongs to base' src/app/a.cpp '#include <spdlog/spdlog.h>'
expect 'belongs to app' src/sim/a.cpp '#include <CLI/CLI.hpp>'
expect 'belongs to app' src/http/a.cpp '#include <prometheus/registry.h>'
expect 'too heavy for a header' src/chat/a.hpp '#pragma once' '#include <boost/json.hpp>'
expect 'environment' src/http/a.cpp 'const char* x = std::getenv("HOME");'
expect 'environment' src/app/commands.cpp '::setenv("A", "B", 1);'
expect 'wall clock' src/jobs/a.cpp 'auto now = std::chrono::system_clock::now();'
expect 'wall clock' src/jobs/a.cpp 'auto now = std::time(nullptr);'
expect 'wall clock' src/jobs/a.cpp 'clock_gettime(CLOCK_REALTIME, &now);'
expect 'sleeps' src/jobs/a.cpp 'std::this_thread::sleep_for(1s);'
expect 'sleeps' tests/scenario/a.cpp 'std::this_thread::sleep_for(1s);'
expect '' tests/crash/a.cpp 'std::this_thread::sleep_for(1s);'
expect 'terminal' src/sim/a.cpp 'std::cout << 1;'
expect 'terminal' src/base/a.cpp 'std::fprintf(stderr, "x");'
expect 'using namespace' src/base/a.hpp '#pragma once' 'using namespace std;'
expect '#pragma once is missing' src/base/a.hpp 'int x();'

expect '' src/jobs/a.cpp '#include "chat/platform.hpp"' '#include "base/clock.hpp"'
expect '' src/features/digest/a.cpp '#include "features/digest/b.hpp"' '#include "github/api.hpp"'
expect '' src/app/config.cpp '#include <cstdlib>' 'auto x = std::getenv("A");'
expect '' src/app/demo.cpp '#include "sim/slack.hpp"' '#include "chat/slack/render.hpp"' 'std::cout << 1;'
expect '' src/base/clock.cpp 'return std::chrono::system_clock::now();'
expect '' src/base/a.cpp '// never std::getenv' '/* std::cout' 'sleep( */ auto x = "system_clock";'
expect '' src/base/a.cpp 'run_time(nullptr_value); my_environment(); snprintf(x);'
expect '' src/github/a.test.cpp 'const char* x = std::getenv("BB_CORPUS");'
expect '' src/main.cpp '#include "app/commands.hpp"' '#include "base/log.hpp"'

((failures == 0)) && echo 'every rule finds its violation'
