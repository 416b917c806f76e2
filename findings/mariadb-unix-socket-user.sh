#!/bin/sh
# Finding: the AS clause of a socket account means different things to MySQL and to MariaDB.
#
# Guess: MariaDB's "IDENTIFIED VIA unix_socket AS 'os_user'" lets the system user os_user in under another account name, as MySQL's
#   "IDENTIFIED WITH auth_socket AS 'os_user'" does.
# What happens: MariaDB takes the statement and stores the clause, and then ignores it. Only an account whose own name is that of the
#   system user is let in; the other one gets error 1698, "Access denied".
# Seen with: MariaDB 10.11.19 (Debian 12), its own client and server. MySQL 9.7.4 lets such an account in through mysql2 3.24.6.
# Needs: mariadbd, mariadb-install-db, mariadb. Started by any user; root starts the server as user mysql.
set -eu

folder=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT

PATH=$PATH:/usr/sbin
me=$(id -un)
user=$me
if [ "$me" = root ]; then
  user=mysql
  chown mysql: "$folder"
fi
socket=$folder/server.sock
mariadb-install-db --no-defaults --datadir="$folder/data" --auth-root-authentication-method=normal --skip-test-db --user="$user" >/dev/null 2>&1
mariadbd --no-defaults --datadir="$folder/data" --socket="$socket" --skip-networking --user="$user" --pid-file="$folder/server.pid" 2>"$folder/server.log" &
server=$!

ask() { mariadb --no-defaults --socket="$socket" --batch --skip-column-names "$@"; }
tries=0
until ask --user=root --execute='select version()' 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || { cat "$folder/server.log"; exit 1; }
  sleep 0.1
done

ask --user=root --execute="create user 'shop'@'localhost' identified via unix_socket as '$me'"
echo 'The server keeps the clause:'
ask --user=root --execute="show create user 'shop'@'localhost'"

echo 'The account with another name and the clause:'
if ask --user=shop --execute='select current_user()' 2>&1; then
  echo 'behaviour has changed: the clause was honoured'
  exit 1
fi

# The account with the name of the system user. root exists already, so it is changed.
ask --user=root --execute="create or replace user '$me'@'localhost' identified via unix_socket"
echo 'The account with the name of the system user:'
ask --user="$me" --execute='select current_user()'
