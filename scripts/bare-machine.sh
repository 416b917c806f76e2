#!/usr/bin/env bash
# Runs the README's two commands as on a machine that has nothing but npm: database servers, Redis, proxies, Chromium, load
# programs and checkers are hidden. The commands have to succeed there, and tests that need such a program have to report it.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: scripts/bare-machine.sh [--by-path] [all | start | test | short]

Hides the programs that tests use beside Node, and runs the README's commands in a fresh clone of the last commit.

  all     npm ci && npm start until it is ready, then SIGTERM; npm ci && npm test (default, about 10 minutes on two cores)
  start   only the first command
  test    only the second command
  short   in this checkout, with its installed packages: collects every test file, and runs the suites that skip by
          program (about one minute on two cores)

  --by-path   hides the programs by a path without them, also where a namespace is possible
  -h, --help  prints this text

As root on Linux, a mount namespace with an overlay over /usr hides the programs. Elsewhere the commands get a path
without them. Nothing outside of the script sees a difference.

Exit code: 0 when every command succeeded, 1 when one failed, 2 for a wrong argument, 3 when a program cannot be hidden.
USAGE
}

# What is hidden, as patterns for names: each program of test/support/programs.ts, and what comes in the same packages.
hidden=(
  'mariadb*' 'mysql*' 'galera*' 'wsrep*' 'my_print_defaults'
  'postgres' 'psql' 'pg_*' 'initdb' 'createdb' 'dropdb'
  'redis-*' 'valkey-*' 'sqlite3'
  'nginx' 'haproxy' 'rsync' 'openssl' 'curl' 'wget'
  'chromium*' 'google-chrome*'
  'wrk' 'promtool' 'prometheus'
  'buildah' 'podman' 'docker' 'debootstrap' 'systemd-analyze'
)
# The folders in which Debian and others keep the rest of them.
hidden_folders=(/usr/lib/postgresql /usr/lib/galera /usr/lib64/galera /usr/lib64/galera-4 /usr/lib/chromium)
# Variables that lead tests to a program or a running server.
variables=(
  TEST_MARIADB_URL TEST_MYSQL_URL TEST_MYSQL_SCRIPT TEST_POSTGRES_URL TEST_REDIS_URL MYSQL9_ROOT
  CHROMIUM_PATH REQUIRE_SERVICES TEST_PROGRAMS
)

say() { printf '==> bare machine: %s\n' "$*"; }
fail() {
  printf 'bare machine: %s\n' "$*" >&2
  exit "${code:-1}"
}

forget_variables() { unset "${variables[@]}"; }

names_hidden_in() {
  local pattern
  for pattern in "${hidden[@]}"; do
    compgen -G "$1/$pattern" || true
  done
}

mount_overlay() {
  local upper=$scratch/overlay
  mkdir "$upper"
  mount -t tmpfs -o mode=755 bare-machine "$upper"
  mkdir "$upper/changes" "$upper/work"
  mount -t overlay -o "lowerdir=/usr,upperdir=$upper/changes,workdir=$upper/work" overlay /usr
}

# In the namespace: an overlay keeps what is removed, so the machine's own /usr stays as it is.
hide_by_overlay() {
  local folder
  mount_overlay
  for folder in /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin; do
    names_hidden_in "$folder" | xargs -r rm -rf --
  done
  rm -rf -- "${hidden_folders[@]}"
}

# Elsewhere: one folder of links to every program of the path but these. Tests then search only the path.
hide_by_path() {
  local folder link links=$scratch/path
  mkdir "$links"
  local IFS=:
  for folder in $PATH; do
    [[ -d $folder ]] || continue
    # The first of the path wins, as it does for a shell.
    (cd "$links" && find -L "$folder" -maxdepth 1 -type f -perm -u+x -exec sh -c 'ln -s "$@" .' sh {} + 2>/dev/null) || true
  done
  unset IFS
  while read -r link; do rm -f -- "$link"; done < <(names_hidden_in "$links")
  export PATH=$links TEST_PROGRAMS=path
}

check_hidden() {
  local name
  for name in mariadbd mysqld postgres redis-server chromium promtool openssl curl nginx haproxy wrk rsync; do
    if command -v "$name" >/dev/null; then
      code=3 fail "$name is still found as $(command -v "$name")"
    fi
  done
}

fresh_clone() {
  git -c advice.detachedHead=false clone -q --no-hardlinks "$root" "$scratch/$1"
  cd "$scratch/$1"
}

# Each runs in a subshell, so that its folder and its trap end with it. The first command runs until it is ready; then npm and
# all that it started get SIGTERM, as a supervisor sends it.
run_start() (
  local port pid began=$SECONDS
  fresh_clone start
  port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  say "npm ci && npm start (PORT=$port)"
  npm ci
  PORT=$port setsid npm start &
  pid=$!
  trap 'kill -KILL -- "-$pid" 2>/dev/null || true' EXIT
  until node -e 'fetch(process.argv[1]).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))' \
    "http://127.0.0.1:$port/readyz"; do
    kill -0 "$pid" 2>/dev/null || fail 'npm start ended before it was ready'
    ((SECONDS - began < 300)) || fail 'npm start was not ready within 300 s'
    sleep 0.2
  done
  say "GET /readyz answers 200 after $((SECONDS - began)) s; SIGTERM"
  began=$SECONDS
  kill -TERM "$pid"
  while kill -0 -- "-$pid" 2>/dev/null; do
    ((SECONDS - began < 15)) || fail 'npm start left a process that runs 15 s after SIGTERM'
    sleep 0.1
  done
  local status=0
  wait "$pid" || status=$?
  trap - EXIT
  [[ $status == 0 ]] || fail "npm start ended with $status after SIGTERM"
  say "npm start ended with $status, $((SECONDS - began)) s after SIGTERM"
)

run_test() (
  local began=$SECONDS
  fresh_clone test
  say 'npm ci && npm test'
  npm ci && npm test || fail "npm ci && npm test failed after $((SECONDS - began)) s"
  say "npm ci && npm test succeeded after $((SECONDS - began)) s"
)

# Vitest fails for a file that registers nothing. The pattern selects the suites that say which program they lack.
run_short() (
  local began=$SECONDS log=$scratch/short.log
  cd "$root"
  [[ -x node_modules/.bin/vitest ]] || fail 'expected installed packages in node_modules. Run npm ci first'
  say 'collects every test file, and runs the suites that skip by program'
  NO_COLOR=1 PATH=$root/node_modules/.bin:$PATH vitest run --no-isolate --testNamePattern '\(skipped: ' >"$log" 2>&1 || {
    cat "$log"
    fail 'a test file cannot be collected, registers nothing, or does not skip'
  }
  grep -Eq '^0 passed, 0 failed, [1-9][0-9]* skipped$' "$log" ||
    fail "expected that every suite without its program is skipped, got $(tail -n 1 "$log")"
  sed -n '/^NOT CHECKED/,/^└/p' "$log"
  say "$(sed -n 's/.*Test Files .*(\([0-9]*\)).*/\1/p' "$log") test files register tests, and suites without their program are skipped, after $((SECONDS - began)) s"
)

run_all() {
  run_start
  run_test
}

# Runs one of the four with the programs hidden.
run_hidden() {
  check_hidden
  "run_$1"
  say 'done'
}

main() {
  local what=all by_path=false argument
  for argument in "$@"; do
    case $argument in
      -h | --help) usage && exit 0 ;;
      --by-path) by_path=true ;;
      all | start | test | short) what=$argument ;;
      *) code=2 fail "expected all, start, test or short, got \"$argument\". See scripts/bare-machine.sh --help" ;;
    esac
  done
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
  forget_variables
  # The path of an npm script begins with packages of the checkout that it ran in.
  PATH=$(tr : '\n' <<<"$PATH" | grep -v node_modules | paste -sd :)
  export PATH
  scratch=$(mktemp -d)
  trap 'rm -rf -- "$scratch"' EXIT
  if [[ $by_path == false ]] && in_namespace true 2>/dev/null; then
    say 'an overlay over /usr hides the programs, in a mount namespace'
    rmdir "$scratch/overlay"
    in_namespace run_hidden "$what"
  else
    hide_by_path
    say 'a path without the programs hides them'
    run_hidden "$what"
  fi
}

# Runs a function of this script in a separate mount namespace, where the programs are hidden.
in_namespace() {
  [[ $(uname) == Linux && $EUID == 0 ]] || return 1
  root=$root scratch=$scratch unshare --mount --propagation private \
    bash -euo pipefail -c 'source "$0"; hide_by_overlay; "$@"' "${BASH_SOURCE[0]}" "$@"
}

# In the namespace this file is sourced for its functions.
[[ -n ${BASH_EXECUTION_STRING-} ]] || main "$@"
