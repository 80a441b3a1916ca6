#!/usr/bin/env bash
# Prints a table of figures, each a median of several runs, throughput beside a baseline of the same moment:
#   bench/run.sh BUILD_FOLDER [start | preview | polling | digest | events | jobs | feeds]...
# Without a section, all of them.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
build=$1
shift
binary=$build/busy-beaver
measure=$build/bench/bench_measure
activity=$build/bench/bench_github_activity
events=$build/bench/bench_events
jobs=$build/bench/bench_jobs
feeds=$build/bench/bench_feeds
cluster=$here/../tests/databases/postgres_cluster.sh
folder=$(mktemp -d)
postgres=''
trap '[[ -z $postgres ]] || "$cluster" stop "$folder/postgres"; rm -rf "$folder"' EXIT
runs=5

# The middle one of numbers from standard input.
median() { sort -g | awk '{ number[NR] = $1 } END { print number[int((NR + 1) / 2)] }'; }

# column FILE NUMBER: the median of a column.
column() { awk -v column="$2" '{ print $column }' "$folder/$1" | median; }

# row WHAT FIGURE BESIDE
row() { printf '%-44s %12s   %s\n' "$@"; }

# fmt FORMAT EXPRESSION: what awk makes of it.
fmt() { awk "BEGIN { printf \"$1\", $2 }"; }

empty_folder() { rm -rf "${folder:?}/$1" && mkdir "$folder/$1"; }

measure_start() {
  local run
  for ((run = 0; run < runs; run++)); do
    empty_folder serve
    "$measure" serve "$binary" "$folder/serve" >>"$folder/serve.txt"
  done
  row 'serve: start to ready, empty database' "$(column serve.txt 1) ms" 'target 100 ms'
  row 'serve: memory when idle' "$(fmt '%.1f MiB' "$(column serve.txt 2) / 1024")" 'target 25 MiB'
}

measure_preview() {
  # Events of a few hundred people, like an hour of GH Archive: about 120 MB.
  awk 'BEGIN {
    filler = sprintf("%400s", "")
    gsub(/ /, "lorem ipsum ", filler)
    for (i = 0; i < 100000; i++)
      printf "{\"id\":\"%d\",\"type\":\"%s\",\"actor\":{\"id\":%d,\"login\":\"person%d\",\"avatar_url\":\"https://avatars.githubusercontent.com/u/%d?\"},\"repo\":{\"id\":%d,\"name\":\"owner%d/project%d\"},\"payload\":{\"action\":\"started\",\"ref\":\"refs/heads/main\",\"size\":1,\"distinct_size\":1,\"commits\":[{\"sha\":\"%040d\",\"message\":\"%s\"}]},\"public\":true,\"created_at\":\"2024-05-01T12:%02d:%02dZ\"}\n",
        39000000000 + i, i % 3 ? "PushEvent" : "WatchEvent", i % 400, i % 400, i % 400, i % 5000, i % 70, i % 5000, i, substr(filler, 1, 900), int(i / 1667) % 60, i % 60
  }' >"$folder/events.json"
  local bytes run
  bytes=$(wc -c <"$folder/events.json")
  gzip -1 "$folder/events.json"
  local preview=("$binary" digest preview --events "$folder/events.json.gz" --until 2024-05-01T13:00:00Z)
  local baseline=(bash -c "zcat '$folder/events.json.gz' | wc -l")
  for ((run = 0; run < runs; run++)); do
    "$measure" run "${preview[@]}" >>"$folder/preview.txt"
    "$measure" run "${baseline[@]}" >>"$folder/zcat.txt"
  done
  local taken zcat peak
  taken=$(column preview.txt 1)
  zcat=$(column zcat.txt 1)
  peak=$(awk '{ print $2 }' "$folder/preview.txt" | sort -g | tail -n 1)
  row 'digest preview: events read, uncompressed' "$(fmt '%.0f MB/s' "$bytes / 1e6 / $taken")" \
    "$(fmt 'zcat | wc -l: %.0f MB/s (%.2f of it)' "$bytes / 1e6 / $zcat, $zcat / $taken")"
  row 'digest preview: peak memory' "$(fmt '%.1f MiB' "$peak / 1024")" \
    "$(fmt 'limit 64 MiB, input %.0f MB' "$bytes / 1e6")"
}

# polled CONCURRENCY WHAT COLUMN TARGET: the figure, and how many times N / C * latency it is.
polled() {
  row "poll 1,000 members, $2, C=$1" "$(fmt '%.2f s' "$(column "polling-$1.txt" "$3")")" \
    "$(fmt '%.2f x N/C*latency (target 1.2); %.0f us CPU a member (target %d)' \
      "$(column "polling-$1.txt" "$3") / (50 / $1), $(column "polling-$1.txt" $(($3 + 1))), $4")"
}

# Polling 1,000 members over a network with 50 ms latency.
measure_polling() {
  local concurrency run
  for concurrency in 10 100; do
    for ((run = 0; run < 3; run++)); do
      empty_folder polling
      "$activity" polling "$folder/polling" 1000 "$concurrency" >>"$folder/polling-$concurrency.txt"
    done
    polled "$concurrency" '30 new events' 1 300
    polled "$concurrency" 304 3 100
  done
  row '  an answer with 30 events' "$(fmt '%.0f KB' "$(column polling-10.txt 5) / 1e3")" \
    '50 ms latency in all of these'
  row '  the first, Python version, one at a time' '60.00 s' '3,600 us CPU a member, as it was measured'
}

measure_digest() {
  local run peak
  "$activity" prepare "$folder/digest.db"
  for ((run = 0; run < 3; run++)); do
    "$activity" render "$folder/digest.db" >>"$folder/render.txt"
    "$measure" run "$activity" render "$folder/digest.db" >>"$folder/render-memory.txt"
  done
  peak=$(awk '{ print $2 }' "$folder/render-memory.txt" | sort -g | tail -n 1)
  row 'digest of 4,000 members, 100,000 activities' "$(fmt '%.2f s CPU' "$(column render.txt 1)")" 'target 1 s'
  row '  peak memory' "$(fmt '%.1f MiB' "$peak / 1024")" 'target 64 MiB'
}

# Installs the Bolt app, once; says why where that is not possible.
install_bolt() {
  [[ ! -d $build/bolt/node_modules/@slack/bolt ]] || return 0
  command -v npm >/dev/null || { echo 'npm is not installed'; return 1; }
  mkdir -p "$build/bolt"
  cp "$here"/bolt/* "$here/bolt/.npmrc" "$build/bolt"
  (cd "$build/bolt" && timeout 300 npm ci --no-audit --no-fund --ignore-scripts) >"$folder/npm.txt" 2>&1 ||
    { rm -rf "$build/bolt" && echo 'npm could not install it' && return 1; }
}

# Starts a PostgreSQL that writes durably; says why where that is not possible.
start_postgres() {
  [[ -z $postgres ]] || return 0
  [[ -n $(compgen -G '/usr/lib/postgresql/*/bin/initdb') ]] || { problem='it is not installed' && return 1; }
  "$cluster" start "$folder/postgres" >"$folder/postgres.txt" 2>&1 || { problem='it does not start' && return 1; }
  postgres=$(<"$folder/postgres")
  psql -h "$postgres" -U postgres -q -c 'ALTER SYSTEM SET fsync = on' \
    -c 'ALTER SYSTEM SET full_page_writes = on' -c 'SELECT pg_reload_conf()' >/dev/null
}

# empty_postgres NAME: an empty database; prints its URI.
empty_postgres() {
  psql -h "$postgres" -U postgres -q -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1" >/dev/null
  printf 'postgresql://postgres@/%s?host=%s' "$1" "$postgres"
}

# loaded WHAT FILE BESIDE_CLOSED BESIDE_OPEN: the rows of one server under load.
loaded() {
  row "$1" "$(fmt '%.0f /s' "$(column "$2" 1)")" \
    "$(fmt 'p99 %.1f ms, %.0f us CPU an event' "$(column "$2" 2), $(column "$2" 9)")$3"
  row '  open loop, 2,000 a second: p99' "$(fmt '%.1f ms' "$(column "$2" 5)")" \
    "$(fmt 'p50 %.1f, max %.1f ms; %.0f /s' "$(column "$2" 4), $(column "$2" 6), $(column "$2" 3)")$4"
  row '  memory after it' "$(fmt '%.1f MiB' "$(column "$2" 7) / 1024")" "$(column "$2" 8) refused"
}

# Signed events, durable before they are acknowledged: closed loop with 32 connections, and open loop.
measure_events() {
  local run problem bolt='' ratio='' uri
  install_bolt >"$folder/bolt-problem.txt" || bolt=$(<"$folder/bolt-problem.txt")
  for ((run = 0; run < 3; run++)); do
    empty_folder events
    "$events" single "sqlite:$folder/events/single.db" >>"$folder/single.txt"
    "$events" busy-beaver "sqlite:$folder/events/events.db" 0 >>"$folder/acknowledge.txt"
    [[ -n $bolt ]] || "$events" bolt "$build/bolt/app.js" >>"$folder/bolt.txt"
  done
  "$events" busy-beaver "sqlite:$folder/events/working.db" 6 >>"$folder/working.txt"
  row 'store events, a transaction for each' "$(fmt '%.0f /s' "$(column single.txt 1)")" \
    'one thread without HTTP, for comparison'
  if [[ -n $bolt ]]; then
    row 'Bolt for JavaScript acknowledges events' skipped "$bolt"
  else
    loaded 'Bolt for JavaScript acknowledges events' bolt.txt '; it stores nothing' ''
    ratio=$(fmt '; %.1f x Bolt (target 10)' "$(column acknowledge.txt 1) / $(column bolt.txt 1)")
  fi
  loaded 'serve acknowledges events, stored' acknowledge.txt "$ratio" ' (target p99 10 ms)'
  loaded '  and 6 workers answer them meanwhile' working.txt '' ''
  if start_postgres; then
    uri=$(empty_postgres events)
    "$events" busy-beaver "$uri" 0 >>"$folder/postgres-events.txt"
    loaded 'serve acknowledges events, PostgreSQL' postgres-events.txt '' ''
  else
    row 'serve acknowledges events, PostgreSQL' skipped "$problem"
  fi
}

# claimed WHAT FILE: what claiming costs.
claimed() {
  row "claim a job, $1: 1,000 ready" "$(fmt '%.0f us' "$(column "$2" 1)")" median
  row '  100,000 ready' "$(fmt '%.0f us' "$(column "$2" 2)")" 'target: the same'
  row '  and 100,000 finished' "$(fmt '%.0f us' "$(column "$2" 3)")" 'target: the same'
  row '  and 10,000 more of one person' "$(fmt '%.0f us' "$(column "$2" 4)")" 'target: the same'
}

# Jobs that do nothing, with their durable commits: claimed and ended.
measure_jobs() {
  local run instances problem uri
  for ((run = 0; run < 3; run++)); do
    empty_folder jobs
    "$jobs" rate "sqlite:$folder/jobs/rate.db" 1 5000 >>"$folder/rate.txt"
  done
  "$jobs" claim "sqlite:$folder/jobs/claim.db" >>"$folder/claim.txt"
  row 'jobs run, SQLite, 4 workers' "$(fmt '%.0f /s' "$(column rate.txt 1)")" 'two durable commits each'
  claimed SQLite claim.txt
  if ! start_postgres; then
    row 'jobs run, PostgreSQL' skipped "$problem"
    return
  fi
  for instances in 1 3; do
    uri=$(empty_postgres jobs)
    "$jobs" rate "$uri" "$instances" 5000 >"$folder/rate-$instances.txt"
    row "jobs run, PostgreSQL, $instances x 4 workers" "$(fmt '%.0f /s' "$(column "rate-$instances.txt" 1)")" ''
  done
  uri=$(empty_postgres claim)
  "$jobs" claim "$uri" >"$folder/claim-postgres.txt"
  claimed PostgreSQL claim-postgres.txt
  uri=$(empty_postgres start)
  "$jobs" start "$uri" >"$folder/start.txt"
  row '  from one instance to another, to its end' "$(column start.txt 1) ms" \
    "$(fmt 'median; the longest of 100 %d ms (target 100 ms)' "$(column start.txt 2)")"
}

# feeds_polled WHAT COLUMN: the figure, and how many times N / C * latency it is.
feeds_polled() {
  row "poll 1,000 feeds, $1, C=20" "$(fmt '%.2f s' "$(column feeds-poll.txt "$2")")" \
    "$(fmt '%.2f x N/C*latency (target 1.3); %.0f us CPU a feed%s' \
      "$(column feeds-poll.txt "$2") / (50 / 20), $(column feeds-poll.txt $(($2 + 1))), \"$3\"")"
}

# Polling 1,000 feeds over a network with 50 ms latency; feeds of the web, from their octets to items,
# beside the bare parsers of XML and JSON.
measure_feeds() {
  local samples=${BB_CORPUS:-$here/../../shared/data}/social/feeds run format
  for ((run = 0; run < runs; run++)); do
    empty_folder feeds
    "$feeds" poll "$folder/feeds" 1000 20 >>"$folder/feeds-poll.txt"
  done
  feeds_polled '10 new items' 1 ''
  feeds_polled 304 3 ' (target 150)'
  if [[ ! -d $samples ]]; then
    row 'feeds are parsed' skipped 'BB_CORPUS names no folder with feeds'
    return
  fi
  for ((run = 0; run < runs; run++)); do
    "$feeds" parse "$samples" >>"$folder/feeds.txt"
  done
  while read -r format; do
    grep "^$format " "$folder/feeds.txt" >"$folder/feeds-$format.txt"
    row "parse feeds, $format" "$(fmt '%.0f MB/s' "$(column "feeds-$format.txt" 2)")" \
      "$(fmt 'the bare parser %.0f MB/s; %d files' "$(column "feeds-$format.txt" 3), $(column "feeds-$format.txt" 4)")"
  done < <(cut -d ' ' -f 1 "$folder/feeds.txt" | sort -u)
}

(($# > 0)) || set -- start preview polling digest events jobs feeds
for section in "$@"; do
  [[ $section =~ ^(start|preview|polling|digest|events|jobs|feeds)$ ]] || {
    printf 'bench: there is no section %s\n' "$section" >&2
    exit 2
  }
done
row What Figure Beside
for section in "$@"; do
  "measure_$section"
done
