#!/bin/sh
# pg_cluster.sh - a private PostgreSQL for tests: a Unix socket in its folder, no TCP, gone when stopped.
#
# usage: pg_cluster.sh start DIR      makes DIR, starts the server, prints the URL for NAUBAT_TEST_PG
#        pg_cluster.sh stop DIR       stops the server and removes DIR
#
# PostgreSQL refuses to run as root: then it runs as the user postgres, or nobody where there is none.  DIR must
# be new, its parents open to that user, and its path short: a socket's path has 107 bytes at most.
set -eu

fail() {
	echo "pg_cluster.sh: $*" >&2
	exit 1
}

# Debian keeps the server's programs out of PATH, one folder a version.
find_programs() {
	for folder in "$(dirname "$(command -v initdb || echo /nowhere/x)")" /usr/lib/postgresql/*/bin; do
		[ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && programs=$folder
	done
	[ -n "${programs:-}" ] || fail "PostgreSQL's initdb and pg_ctl are not there: install the package postgresql"
}

as_owner() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
		return
	fi
	user=postgres
	id "$user" >/dev/null 2>&1 || user=nobody
	(cd / && setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups \
		env HOME=/nonexistent LC_ALL=C "$@")
}

start() {
	[ ! -e "$dir" ] || fail "$dir is there already: give a new folder"
	[ "${#dir}" -le 80 ] || fail "$dir is too long for a socket: give a shorter one"
	mkdir -m 0700 "$dir"
	if [ "$(id -u)" -eq 0 ]; then
		user=postgres
		id "$user" >/dev/null 2>&1 || user=nobody
		chown "$user" "$dir"
		chmod 0711 "$dir"
	fi
	as_owner "$programs/initdb" -D "$dir/data" -U naubat -A trust --locale=C --encoding=UTF8 --no-sync \
		>"$dir.log" 2>&1 || { cat "$dir.log" >&2; fail "initdb failed"; }
	as_owner "$programs/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/server.log" \
		-o "-c listen_addresses= -c unix_socket_directories='$dir' -c unix_socket_permissions=0777" start \
		>"$dir.log" 2>&1 || { cat "$dir.log" >&2; fail "the server does not start"; }
	rm -f "$dir.log"
	echo "postgresql://naubat@/postgres?host=$dir"
}

stop() {
	[ -f "$dir/data/PG_VERSION" ] || fail "$dir holds no cluster"
	as_owner "$programs/pg_ctl" -D "$dir/data" -w -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$dir"
}

[ $# -eq 2 ] || fail "usage: pg_cluster.sh start|stop DIR"
dir=$2
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
find_programs
case $1 in
start) start ;;
stop) stop ;;
*) fail "usage: pg_cluster.sh start|stop DIR" ;;
esac
