#!/usr/bin/env bash
# A PostgreSQL of the tests' own, with pgbouncer in front of it, in a temporary folder: reachable through
# sockets in that folder, without a port, without a password.
#   postgres_cluster.sh start FILE     writes the folder to FILE
#   postgres_cluster.sh restart FILE   ends all connections, as a crash would
#   postgres_cluster.sh stop FILE      removes everything
set -euo pipefail

command=$1
file=$2
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
pgbouncer=$(PATH=$PATH:/usr/sbin command -v pgbouncer)

# PostgreSQL refuses to run as root.
as_user() {
  if ((EUID == 0)); then
    setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"
  else
    "$@"
  fi
}

# pg_control ACTION...
pg_control() {
  as_user "$bin/pg_ctl" -s -w -D "$folder/data" -l "$folder/postgres.log" "$@" >&2
}

start() {
  folder=$(as_user mktemp -d "${TMPDIR:-/tmp}/bb-postgres-XXXXXX")
  chmod 755 "$folder"
  # The order of texts is not that of their octets, as it is in most installations.
  as_user "$bin/initdb" -D "$folder/data" -U postgres --auth=trust --no-sync --encoding=UTF8 \
    --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US >"$folder.log" 2>&1 ||
    { cat "$folder.log" >&2; exit 1; }
  rm "$folder.log"
  as_user tee -a "$folder/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 200
shared_buffers = 32MB
fsync = off
full_page_writes = off
CONF
  as_user tee "$folder/pgbouncer.ini" >/dev/null <<CONF
[databases]
* = host=$folder user=postgres
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $folder
auth_type = any
pool_mode = transaction
default_pool_size = 20
max_client_conn = 200
logfile = $folder/pgbouncer.log
pidfile = $folder/pgbouncer.pid
CONF
  pg_control start
  as_user "$pgbouncer" -q -d "$folder/pgbouncer.ini" >&2
  printf '%s\n' "$folder" >"$file"
}

stop() {
  kill "$(<"$folder/pgbouncer.pid")" || true
  pg_control -m immediate stop || true
  rm -rf "$folder" "$file"
}

case $command in
  start) start ;;
  restart | stop)
    folder=$(<"$file")
    if [[ $command == stop ]]; then stop; else pg_control -m immediate restart; fi
    ;;
  *) exit 2 ;;
esac
