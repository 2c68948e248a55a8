#!/bin/sh
# pg_cluster.sh - a private PostgreSQL for tests: a Unix socket in its folder, no TCP, gone when stopped.
#
# usage: pg_cluster.sh start DIR      starts a server in DIR, prints the URL for NAUBAT_TEST_PG
#        pg_cluster.sh stop DIR       stops the server and removes DIR
#        pg_cluster.sh halt DIR       stops it as a power cut would, and leaves what it wrote
#        pg_cluster.sh resume DIR     starts it again after that
#
# PostgreSQL refuses to run as root: then it runs as the user postgres, or nobody where there is none.  DIR
# must be new or empty, its parents open to that user, and its path short: a socket's has 107 bytes at most.
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
	[ -n "${programs:-}" ] || fail "there is no initdb and pg_ctl: install the package postgresql"
}

owner() {
	if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

as_owner() {
	if [ "$(id -u)" -eq 0 ]; then
		set -- setpriv --reuid "$(owner)" --regid "$(id -g "$(owner)")" --clear-groups "$@"
	fi
	(cd / && env HOME=/nonexistent LC_ALL=C "$@")
}

start() {
	[ "${#dir}" -le 80 ] || fail "$dir is too long for a socket: give a shorter one"
	mkdir -p -m 0700 "$dir"
	[ -z "$(ls -A "$dir")" ] || fail "$dir is not empty: give a new folder"
	if [ "$(id -u)" -eq 0 ]; then
		chown "$(owner)" "$dir"
		chmod 0711 "$dir"
	fi
	said=$(as_owner "$programs/initdb" -D "$dir/data" -U naubat -A trust --no-sync \
		--locale=C --encoding=UTF8 2>&1) || fail "initdb failed: $said"
	serve
	echo "postgresql://naubat@/postgres?host=$dir"
}

serve() {
	# The server keeps what it inherits: with its output in our pipe we would wait for its end.
	as_owner "$programs/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/server.log" \
		-o "-c listen_addresses= -c unix_socket_directories='$dir'" start >/dev/null 2>&1 ||
		fail "the server does not start: $(cat "$dir/server.log" 2>&1)"
}

halt() {
	[ -f "$dir/data/PG_VERSION" ] || fail "$dir holds no cluster"
	as_owner "$programs/pg_ctl" -D "$dir/data" -w -m immediate stop >/dev/null 2>&1 ||
		fail "it does not stop"
}

stop() {
	[ -f "$dir/data/PG_VERSION" ] || fail "$dir holds no cluster"
	as_owner "$programs/pg_ctl" -D "$dir/data" -w -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$dir"
}

[ $# -eq 2 ] || fail "usage: pg_cluster.sh start|stop|halt|resume DIR"
dir=$2
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
find_programs
case $1 in
start) start ;;
stop) stop ;;
halt) halt ;;
resume) serve ;;
*) fail "usage: pg_cluster.sh start|stop|halt|resume DIR" ;;
esac
