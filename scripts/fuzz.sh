# shellcheck shell=bash disable=SC2154
# Sourced by ./dev: builds and runs the libFuzzer targets of tests/fuzz. Expects `top`, `note`, `die`, `build`.

# Folders of real inputs for a target, where BB_CORPUS (default ../shared/data) has them.
corpus_of() {
  local corpus=${BB_CORPUS:-$top/../shared/data} folder=''
  case $1 in
    slack* | commands | http_parameters) folder=$corpus/slack ;;
    feed_document | feed_page) folder=$corpus/social/feeds ;;
    x_answer) folder=$corpus/social/x-v2 ;;
    mastodon_answer) folder=$corpus/social/mastodon ;;
    bluesky_answer) folder=$corpus/social/bluesky ;;
    github_event | event_stream | graphql_answer) folder=$corpus/github-events ;;
  esac
  [[ -z $folder || ! -d $folder ]] || printf '%s\n' "$folder"
}

# fuzz [SECONDS [NAME]]
fuzz() {
  local seconds=${1:-60} only=${2:-} file name names=()
  [[ $seconds =~ ^[1-9][0-9]*$ ]] || die "fuzz: $seconds is not a number of seconds"
  for file in "$top"/tests/fuzz/*.cpp; do
    [[ -e $file ]] || continue
    name=$(basename "$file" .cpp)
    [[ -n $only && $only != "$name" ]] || names+=("$name")
  done
  ((${#names[@]} > 0)) || die "fuzz: there is no target ${only:-in tests/fuzz}"
  build fuzz "${names[@]/#/fuzz_}"

  local crashes=$top/build/fuzz/crashes found corpora failed=()
  mkdir -p "$crashes"
  for name in "${names[@]}"; do
    found=$top/build/fuzz/corpus/$name
    mkdir -p "$found"
    corpora=("$found")
    [[ ! -d $top/tests/fuzz/seeds/$name ]] || corpora+=("$top/tests/fuzz/seeds/$name")
    mapfile -t -O "${#corpora[@]}" corpora < <(corpus_of "$name")
    note "fuzzing $name for $seconds s"
    # The first folder receives new inputs, the others are only read.
    "$(find "$top/build/fuzz" -type f -name "fuzz_$name" -perm -u+x)" \
      -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -verbosity=0 -artifact_prefix="$crashes/$name-" "${corpora[@]}" || failed+=("$name")
  done
  if ((${#failed[@]} > 0)); then
    for name in "${failed[@]}"; do
      for file in "$crashes/$name"-*; do
        note "to see it again: build/fuzz/tests/fuzz_$name ${file#"$top"/}"
      done
    done
    die "fuzz: ${failed[*]} failed" \
      "put each input, under a name that says what it is, into tests/fuzz/seeds/TARGET:" \
      "ordinary tests run these"
  fi
  note "fuzz found nothing in ${names[*]}"
}
