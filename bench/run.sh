#!/usr/bin/env bash
# Prints a table of figures, each a median of several runs, throughput beside a baseline of the same moment:
#   bench/run.sh BUSY_BEAVER MEASURE GITHUB_ACTIVITY
set -euo pipefail

binary=$1
measure=$2
activity=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
runs=5

# The middle one of numbers from standard input.
median() { sort -g | awk '{ number[NR] = $1 } END { print number[int((NR + 1) / 2)] }'; }

for ((run = 0; run < runs; run++)); do
  rm -rf "$folder/serve"
  mkdir "$folder/serve"
  "$measure" serve "$binary" "$folder/serve" >>"$folder/serve.txt"
done
ready=$(awk '{ print $1 }' "$folder/serve.txt" | median)
idle=$(awk '{ print $2 }' "$folder/serve.txt" | median)

# Events of a few hundred people, like an hour of GH Archive: about 120 MB.
awk 'BEGIN {
  filler = sprintf("%400s", "")
  gsub(/ /, "lorem ipsum ", filler)
  for (i = 0; i < 100000; i++)
    printf "{\"id\":\"%d\",\"type\":\"%s\",\"actor\":{\"id\":%d,\"login\":\"person%d\",\"avatar_url\":\"https://avatars.githubusercontent.com/u/%d?\"},\"repo\":{\"id\":%d,\"name\":\"owner%d/project%d\"},\"payload\":{\"action\":\"started\",\"ref\":\"refs/heads/main\",\"size\":1,\"distinct_size\":1,\"commits\":[{\"sha\":\"%040d\",\"message\":\"%s\"}]},\"public\":true,\"created_at\":\"2024-05-01T12:%02d:%02dZ\"}\n",
      39000000000 + i, i % 3 ? "PushEvent" : "WatchEvent", i % 400, i % 400, i % 400, i % 5000, i % 70, i % 5000, i, substr(filler, 1, 900), int(i / 1667) % 60, i % 60
}' >"$folder/events.json"
bytes=$(wc -c <"$folder/events.json")
gzip -1 "$folder/events.json"

preview=("$binary" digest preview --events "$folder/events.json.gz" --until 2024-05-01T13:00:00Z)
baseline=(bash -c "zcat '$folder/events.json.gz' | wc -l")
for ((run = 0; run < runs; run++)); do
  "$measure" run "${preview[@]}" >>"$folder/preview.txt"
  "$measure" run "${baseline[@]}" >>"$folder/zcat.txt"
done
preview_s=$(awk '{ print $1 }' "$folder/preview.txt" | median)
preview_kib=$(awk '{ print $2 }' "$folder/preview.txt" | sort -g | tail -n 1)
zcat_s=$(awk '{ print $1 }' "$folder/zcat.txt" | median)

# Polling 1,000 members over a network with 50 ms latency.
for concurrency in 10 100; do
  for ((run = 0; run < 3; run++)); do
    rm -rf "$folder/polling"
    mkdir "$folder/polling"
    "$activity" polling "$folder/polling" 1000 "$concurrency" >>"$folder/polling-$concurrency.txt"
  done
done
column() { awk -v column="$2" '{ print $column }' "$folder/$1" | median; }

"$activity" prepare "$folder/digest.db"
for ((run = 0; run < 3; run++)); do
  "$activity" render "$folder/digest.db" >>"$folder/render.txt"
  "$measure" run "$activity" render "$folder/digest.db" >>"$folder/render-memory.txt"
done
render_kib=$(awk '{ print $2 }' "$folder/render-memory.txt" | sort -g | tail -n 1)

awk -v ready="$ready" -v idle="$idle" -v bytes="$bytes" -v preview="$preview_s" -v peak="$preview_kib" -v zcat="$zcat_s" '
  BEGIN {
    row = "%-44s %12s   %s\n"
    printf row, "What", "Figure", "Beside"
    printf row, "serve: start to ready, empty database", ready " ms", "target 100 ms"
    printf row, "serve: memory when idle", sprintf("%.1f MiB", idle / 1024), "target 25 MiB"
    printf row, "digest preview: events read, uncompressed", sprintf("%.0f MB/s", bytes / 1e6 / preview),
      sprintf("zcat | wc -l: %.0f MB/s (%.2f of it)", bytes / 1e6 / zcat, zcat / preview)
    printf row, "digest preview: peak memory", sprintf("%.1f MiB", peak / 1024), sprintf("limit 64 MiB, input %.0f MB", bytes / 1e6)
  }'

awk -v wall_10="$(column polling-10.txt 1)" -v cpu_10="$(column polling-10.txt 2)" \
  -v again_10="$(column polling-10.txt 3)" -v again_cpu_10="$(column polling-10.txt 4)" \
  -v wall_100="$(column polling-100.txt 1)" -v cpu_100="$(column polling-100.txt 2)" \
  -v again_100="$(column polling-100.txt 3)" -v again_cpu_100="$(column polling-100.txt 4)" \
  -v octets="$(column polling-10.txt 5)" -v render="$(column render.txt 1)" -v peak="$render_kib" '
  # The figure, and how many times N / C * latency it is.
  function polled(what, wall, ideal, cpu, target) {
    printf "%-44s %12s   %s\n", what, sprintf("%.2f s", wall),
      sprintf("%.2f x N/C*latency (target 1.2); %.0f us CPU a member (target %d)", wall / ideal, cpu, target)
  }
  BEGIN {
    row = "%-44s %12s   %s\n"
    polled("poll 1,000 members, 30 new events, C=10", wall_10, 5, cpu_10, 300)
    polled("poll 1,000 members, 304, C=10", again_10, 5, again_cpu_10, 100)
    polled("poll 1,000 members, 30 new events, C=100", wall_100, 0.5, cpu_100, 300)
    polled("poll 1,000 members, 304, C=100", again_100, 0.5, again_cpu_100, 100)
    printf row, "  an answer with 30 events", sprintf("%.0f KB", octets / 1e3), "50 ms latency in all of these"
    printf row, "  the first, Python version, one at a time", "60.00 s", "3,600 us CPU a member, as it was measured"
    printf row, "digest of 4,000 members, 100,000 activities", sprintf("%.2f s CPU", render), "target 1 s"
    printf row, "  peak memory", sprintf("%.1f MiB", peak / 1024), "target 64 MiB"
  }'
