#!/usr/bin/env bash
# Prints a table of figures, each a median of several runs, throughput beside a baseline of the same moment:
#   bench/run.sh BUSY_BEAVER MEASURE
set -euo pipefail

binary=$1
measure=$2
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
