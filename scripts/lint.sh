# shellcheck shell=bash disable=SC2154
# Sourced by ./dev: everything that reads the code without running it. Expects `top`, `cores` and `note`.

# Our C++ files, NUL-separated, relative to the top.
list_sources() {
  (cd "$top" && find src tests bench \( -name '*.cpp' -o -name '*.hpp' \) -print0 | sort -z)
}

check_format() {
  note "checking the format"
  list_sources | (cd "$top" && xargs -0 -r clang-format-19 --dry-run -Werror)
}

check_shell() {
  note "checking shell scripts"
  (cd "$top" && shellcheck -x dev .ci/run scripts/*.sh bench/*.sh tests/databases/*.sh)
}

# Files that differ from what is on the upstream branch (without one: from the last commit), committed or
# not, relative to the top.
changed_files() {
  local base
  base=$(git -C "$top" merge-base HEAD '@{upstream}' 2>/dev/null || git -C "$top" rev-parse HEAD)
  git -C "$top" diff --name-only --diff-filter=d "$base"
  git -C "$top" ls-files --others --exclude-standard
}

# The .cpp files to look at for a list of changed files: a header is checked through the .cpp beside it.
translation_units() {
  local file
  while read -r file; do
    [[ $file == src/* || $file == tests/* ]] || continue
    [[ $file == *.[ch]pp && -f $top/${file%.*}.cpp ]] && printf '%s\n' "${file%.*}.cpp"
  done | sort -u
}

# Of files from standard input those that clang-tidy is for: not the fuzz targets, which the dev preset does not
# build, and not the two files that do nothing but compile a library.
tidied_files() {
  grep '\.cpp$' | grep -Ev '^tests/fuzz/|^tests/doctest_main\.cpp$|^src/http/asio_beast\.cpp$' || true
}

# clang-tidy over files from standard input, as many at once as there are cores.
run_tidy() {
  (cd "$top" && xargs -r -P "$cores" -n 2 clang-tidy-19 -p build/dev --quiet) 2>&1 |
    grep -Ev '^[0-9]+ warnings? (generated|treated)|^Suppressed|^Use -header-filter|^$'
  # grep ends with 1 where there was nothing to say: only xargs counts.
  return "${PIPESTATUS[0]}"
}

# lint changed|--all
lint() {
  local failed=()
  check_format || failed+=(format)
  check_shell || failed+=(shellcheck)
  note "checking layers and documentation"
  "$top/scripts/check_layers.sh" "$top" || failed+=(layers)
  "$top/scripts/check_docs.sh" "$top" || failed+=(docs)

  local files
  if [[ $1 == --all ]]; then
    mapfile -t files < <(list_sources | tr '\0' '\n' | tidied_files)
  else
    mapfile -t files < <(changed_files | translation_units | tidied_files)
  fi
  note "clang-tidy on ${#files[@]} files"
  if ((${#files[@]} > 0)); then
    printf '%s\n' "${files[@]}" | run_tidy || failed+=(clang-tidy)
  fi
  if ((${#failed[@]} > 0)); then
    note "failed: ${failed[*]}"
    return 1
  fi
  note "lint found nothing"
}
