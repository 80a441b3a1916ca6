#!/usr/bin/env bash
# Fails when the documentation lacks something that the code has: an environment variable, an endpoint, a
# subcommand of ./dev; or when a Markdown file links to a file that does not exist.
#   scripts/check_docs.sh [PROJECT]
set -euo pipefail

cd "${1:-$(dirname "$0")/..}"
failures=0

report() {
  printf '%s\n' "$*"
  failures=$((failures + 1))
}

# in_docs WORD FILE: the word stands in the file between backquotes.
in_docs() { grep -qE "\`([A-Z]+ )?$1[\`= ]" "$2"; }

# The rows of the table in config.cpp: Variable{"NAME", or {"NAME",
variables=$(grep -oE '\{"[A-Z][A-Z0-9_]*",' src/app/config.cpp | tr -d '{",' | sort -u || true)
[[ -n $variables ]] || report 'src/app/config.cpp: no table of variables found'
for name in $variables; do
  for file in docs/configuration.md README.md; do
    in_docs "$name" "$file" || report "$file: the variable $name is missing"
  done
done

# The rows of the routes: {"GET", "/path",
routes=$(grep -ohE '\{"(GET|POST)", "/[^"]*"' src/app/*.cpp | grep -oE '/[^"]*' | sort -u || true)
for path in $routes; do
  in_docs "$path" docs/operations.md || report "docs/operations.md: the endpoint $path is missing"
done

for command in $(./dev help | awk '/^  [a-z]/ { print $1 }'); do
  grep -qE "\./dev( |\`.*\`)$command" CONTRIBUTING.md ||
    report "CONTRIBUTING.md: ./dev $command is missing"
done

while IFS= read -r file; do
  while IFS= read -r target; do
    [[ -e $(dirname "$file")/$target ]] || report "$file: links to $target, which does not exist"
  done < <(grep -oE '\]\([^)# ]+' "$file" | sed 's/^](//' | grep -v '^[a-z]*:' | sort -u)
done < <(find . -name '*.md' -not -path './build/*' -not -path './.git/*')

((failures == 0)) || exit 1
