#!/usr/bin/env bash
# check_docs.sh has to find what is missing in documents, and nothing where all is there.
set -euo pipefail

check=$(cd "$(dirname "$0")" && pwd)/check_docs.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# A small project whose documents are complete.
arrange() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/src/app" "$tree/docs"
  printf '%s\n' 'Variable{"LOG_LEVEL", "info", "words"},' '{"PORT", "5000", "number"},' >"$tree/src/app/config.cpp"
  printf '%s\n' '{"GET", "/readyz", "", ready},' >"$tree/src/app/endpoints.cpp"
  printf '%s\n' '#!/bin/sh' "printf '  test   runs the tests\n'" >"$tree/dev"
  chmod +x "$tree/dev"
  # shellcheck disable=SC2016 # the backquotes are Markdown's
  printf '%s\n' '`LOG_LEVEL` and `PORT=80`' >"$tree/README.md"
  # shellcheck disable=SC2016
  printf '%s\n' '| `LOG_LEVEL` | | `PORT` |' >"$tree/docs/configuration.md"
  # shellcheck disable=SC2016
  printf '%s\n' '`GET /readyz` see [the settings](configuration.md#log) or [elsewhere](https://example.org)' \
    >"$tree/docs/operations.md"
  printf '%s\n' './dev test' >"$tree/CONTRIBUTING.md"
}

# expect MESSAGE: what the check says about the project; nothing means that it is content.
expect() {
  local output status=0
  output=$("$check" "$tree" 2>&1) || status=$?
  if [[ -z $1 && $status -ne 0 ]] || [[ -n $1 && ($status -eq 0 || $output != *"$1"*) ]]; then
    printf 'FAILED: expected: %s\n  got (%s): %s\n' "${1:-nothing}" "$status" "$output"
    failures=$((failures + 1))
  fi
}

arrange
expect ''
echo 'Variable{"NEW_ONE", "", ""},' >>"$tree/src/app/config.cpp"
expect 'docs/configuration.md: the variable NEW_ONE is missing'
expect 'README.md: the variable NEW_ONE is missing'
arrange
echo '{"POST", "/jobs", "", jobs},' >>"$tree/src/app/endpoints.cpp"
expect 'the endpoint /jobs is missing'
arrange
printf '%s\n' "printf '  fuzz   runs the fuzzers\n'" >>"$tree/dev"
expect './dev fuzz is missing'
arrange
echo '[gone](docs/gone.md)' >>"$tree/README.md"
expect 'links to docs/gone.md'
arrange
: >"$tree/src/app/config.cpp"
expect 'no table of variables'

((failures == 0)) && echo 'every gap is found'
