# shellcheck shell=bash disable=SC2154
# Sourced by ./dev: makes sure that the packages of the groups given as arguments are there.
# Expects `top` (the project's folder), `note` and `die`.

# Packages of the groups in "$@", one per line.
packages_of() {
  local wanted=" $* " group package
  while read -r group package; do
    [[ $wanted == *" $group "* ]] && printf '%s\n' "$package"
  done < <(grep -v '^#' "$top/cmake/packages.txt")
  return 0
}

# Those of "$@" that are not installed, one per line.
missing_packages() {
  local installed
  # dpkg-query fails when it knows one of the names not at all; what it does know is still printed.
  # shellcheck disable=SC2016 # the ${...} are dpkg's
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  local package
  for package in "$@"; do
    [[ $'\n'$installed$'\n' == *$'\ninstalled '"$package"$'\n'* ]] || printf '%s\n' "$package"
  done
}

is_debian_12() {
  [[ -r /etc/os-release ]] || return 1
  (
    # shellcheck disable=SC1091
    . /etc/os-release
    [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]
  )
}

# Elsewhere nothing is installed: either the tools are there, or the message says what to get.
need_tools_of_another_system() {
  local command absent=()
  for command in g++ cmake ninja; do
    command -v "$command" >/dev/null || absent+=("$command")
  done
  ((${#absent[@]} == 0)) && return 0
  die "this is not Debian 12, and ${absent[*]} cannot be found." \
    "Needed: GCC 12 or newer, CMake 3.25, Ninja, Boost 1.81 (json, url), OpenSSL 3, libcurl, SQLite 3.35, libpq," \
    "zlib, fmt, spdlog, CLI11, Howard Hinnant's date with tz, doctest." \
    "cmake/packages.txt has Debian's names for them. A container works too: docker run -it -v \"$top\":/src -w /src debian:12 ./dev test"
}

apt() {
  local options=(-y -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" "$@" \
    </dev/null >>"$install_log" 2>&1
}

# The packages of "$@" that apt cannot even plan to install (unknown name, broken dependency).
unavailable_packages() {
  local package
  for package in "$@"; do
    apt-get install -s -qq --no-install-recommends "$package" >/dev/null 2>&1 || printf '%s\n' "$package"
  done
}

need_packages() {
  if ! is_debian_12 || ! command -v dpkg-query >/dev/null; then
    need_tools_of_another_system
    return
  fi
  local wanted missing
  mapfile -t wanted < <(packages_of "$@")
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  ((${#missing[@]} == 0)) && return 0

  local by_hand="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "packages are missing, and installing them takes root. As root, run:" "  $by_hand"
    as_root=(sudo)
    # Without a terminal nobody could type a password.
    [[ -t 0 ]] || as_root=(sudo -n)
    by_hand="sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
    "${as_root[@]}" true || die "sudo was refused. As a user with sudo, run:" "  $by_hand"
  fi

  mkdir -p "$top/build"
  local install_log=$top/build/packages.log
  note "installing ${#missing[@]} packages, which takes a minute or two: ${missing[*]}"
  apt update || true
  if ! apt install --no-install-recommends "${missing[@]}"; then
    note "that failed, trying once more"
    apt update || true
    apt install --no-install-recommends "${missing[@]}" || true
  fi

  mapfile -t missing < <(missing_packages "${missing[@]}")
  ((${#missing[@]} == 0)) && return 0
  tail -n 15 "$install_log" >&2
  local unavailable
  mapfile -t unavailable < <(unavailable_packages "${missing[@]}")
  if ((${#unavailable[@]} > 0)); then
    note "apt has no installable version of: ${unavailable[*]}"
    note "is a bookworm mirror (main) in /etc/apt/sources.list, and can it be reached?"
  fi
  die "these packages could not be installed: ${missing[*]}" "Install them by hand and try again:" \
    "  ${as_root[*]:+sudo }apt-get install --no-install-recommends ${missing[*]}" \
    "The whole output of apt is in $install_log"
}
