#!/usr/bin/env bash
# Fails when a source file breaks a rule of docs/architecture.md: which layer may include which, which
# library belongs to which layer, and who may read the environment, the wall clock and write to the terminal.
#   scripts/check_layers.sh [PROJECT]
set -euo pipefail

top=${1:-$(dirname "$0")/..}
cd "$top"

# Bytes are enough, and every awk agrees on them.
export LC_ALL=C
folders=()
for folder in src tests bench; do
  [[ ! -d $folder ]] || folders+=("$folder")
done
# shellcheck disable=SC2016 # the $0 are awk's
find "${folders[@]}" -type f \( -name '*.cpp' -o -name '*.hpp' \) | sort |
  xargs -r awk '
    function report(rule) { printf "%s:%d: %s\n", FILENAME, FNR, rule; violations++ }

    BEGIN {
      below["base"] = ""
      below["crypto"] = "base"
      below["http"] = "base crypto"
      below["storage"] = "base crypto"
      below["chat"] = "base crypto http storage"
      below["github"] = "base crypto http storage"
      below["jobs"] = "base crypto http storage chat"
      below["features"] = "base crypto http storage chat github jobs"
      below["web"] = "base crypto http storage chat github jobs features"
      below["sim"] = "base crypto http"
      below["app"] = "base crypto http storage chat github jobs features web sim"
      below["main.cpp"] = "base app"

      # A library is included only by the layer that wraps it.
      owner["boost/asio"] = "http"
      owner["boost/beast"] = "http"
      owner["curl/"] = "http"
      owner["sqlite3.h"] = "storage"
      owner["libpq-fe.h"] = "storage"
      owner["openssl/"] = "crypto"
      owner["zlib.h"] = "github"
      owner["spdlog/"] = "base"
      owner["date/"] = "base"
      owner["CLI/"] = "app"
      owner["prometheus/"] = "app"
      owner["pugixml.hpp"] = "features"
      owner["gumbo.h"] = "features"
    }

    FNR == 1 {
      in_tests = FILENAME ~ /^(tests|bench)\// || FILENAME ~ /\.test\.[ch]pp$/
      in_real_time = FILENAME ~ /^(tests\/crash|bench)\//
      header = FILENAME ~ /\.hpp$/
      split(FILENAME, part, "/")
      layer = part[1] == "src" ? part[2] : ""
      feature = layer == "features" ? part[3] : ""
      in_comment = 0
      if (layer != "" && !(layer in below)) report("the folder src/" layer " is in no layer")
      if (header) headers[FILENAME] = 1
    }

    /^#pragma once/ { guarded[FILENAME] = 1 }

    /^[ \t]*#[ \t]*include[ \t]*["<]/ {
      target = $0
      sub(/^[^"<]*["<]/, "", target)
      sub(/[">].*/, "", target)
      if ($0 ~ /include[ \t]*"/ && layer != "") check_project(target)
      if ($0 ~ /include[ \t]*</) check_library(target)
      next
    }

    {
      line = $0
      if (in_comment) { if (!sub(/^.*\*\//, "", line)) next; in_comment = 0 }
      gsub(/\\["\\]/, "", line)
      gsub(/"[^"]*"/, "\"\"", line)
      gsub(/\/\*.*\*\//, "", line)
      sub(/\/\/.*/, "", line)
      if (sub(/\/\*.*/, "", line)) in_comment = 1
      check_line(line)
    }

    function check_project(target,   piece, used) {
      split(target, piece, "/")
      used = piece[1]
      if (!(used in below)) return
      if (used == "features" && layer == "features" && piece[2] != feature)
        report("the feature " feature " includes the feature " piece[2])
      if (used == "chat" && piece[2] == "slack" && !in_tests && layer != "chat" && layer != "app")
        report(layer " includes " target ": only chat and app know Slack")
      if (used != layer && index(" " below[layer] " ", " " used " ") == 0)
        report(layer " includes " target ", which is not below it")
    }

    function check_library(target,   library) {
      for (library in owner)
        if (index(target, library) == 1 && layer != owner[library] && layer != "" &&
            !(layer == "main.cpp" && owner[library] == "app"))
          report("<" target "> belongs to " owner[library])
      if (header && !in_tests && layer != "" && target == "boost/json.hpp")
        report("<" target "> is too heavy for a header")
    }

    function check_line(line) {
      if (!in_tests && FILENAME !~ /^src\/app\/config\./ &&
          line ~ /(^|[^a-z_])((secure_)?getenv|setenv|unsetenv|putenv|environ)($|[^a-z_0-9])/)
        report("the environment is read only in app/config")
      if (FILENAME !~ /^src\/base\/clock\./ &&
          line ~ /system_clock|utc_clock|gettimeofday|CLOCK_REALTIME|(^|[^a-z_.])time\((nullptr|NULL|0|&)/)
        report("the wall clock is read only in base/clock")
      if (!in_real_time && line ~ /this_thread::sleep|(^|[^a-z_])(usleep|nanosleep|sleep)\(/)
        report("nothing sleeps: later is a run_at, and a test waits for an event")
      if (!in_tests && layer != "app" && layer != "main.cpp" &&
          line ~ /std::(cout|cerr|clog)|(^|[^a-z_])(printf|fprintf|puts)\(/)
        report("only app writes to the terminal")
      if (header && line ~ /^[ \t]*using namespace/) report("using namespace in a header")
    }

    END {
      for (file in headers) if (!(file in guarded)) { print file ": #pragma once is missing"; violations++ }
      if (violations) { print violations " violations, see docs/architecture.md"; exit 1 }
    }'
