#!/bin/bash
# Builds the container image of the Dockerfile with buildah, runs it, and ends it. See --help.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/build-image.sh [--port PORT] [--keep]

Builds the image of the Dockerfile without a container engine and without a container registry, and tries it:

  1. makes the base image: debootstrap, the Node that `npm ci` installed, npm, a user `node`
  2. builds the Dockerfile on it with `buildah build --isolation chroot`
  3. runs the image as its own user, without a volume, and waits for /readyz
  4. creates a product and a hold of it
  5. sends SIGTERM and expects exit code 0
  6. removes all that it made

Options:
  --port PORT   port of 127.0.0.1 on which the service listens (default: 18090)
  --keep        keep the folder with the images and say where it is
  --help        print this text

Needs root, Debian or a relative of it, the packages buildah, debootstrap and curl, `npm ci` done in this checkout, and 8 GB
in TMPDIR. The Debian mirror is the first one of the machine's apt configuration; npm uses the machine's global npmrc.
STORAGE_DRIVER chooses buildah's storage (default: vfs, which works on every file system).
TEXT
}

say() { printf '==> %s\n' "$*"; }
fail() {
  printf 'build-image: %s\n' "$*" >&2
  exit 1
}

port=18090
keep=false
while (($# > 0)); do
  case $1 in
    --help) usage; exit 0 ;;
    --keep) keep=true ;;
    --port)
      [[ ${2-} =~ ^[0-9]+$ ]] || fail "--port expects a number, got '${2-}'"
      port=$2
      shift
      ;;
    *) fail "unknown argument '$1'; see scripts/build-image.sh --help" ;;
  esac
  shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# npm looks for its global settings near the node that runs it, so it gets the machine's own.
PATH=:$PATH: PATH=${PATH//":$PWD/node_modules/.bin:"/:}
PATH=${PATH#:} PATH=${PATH%:}
for program in buildah debootstrap curl npm; do
  command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin command -v "$program" >/dev/null ||
    fail "$program not found: install it, on Debian with 'apt-get install $program'"
done
((EUID == 0)) || fail "expected root, got user $(id -un): debootstrap and buildah make devices and mounts; run it with sudo"
node=$(realpath -e node_modules/.bin/node 2>/dev/null) || fail "node_modules/.bin/node not found: run 'npm ci' first"
if curl --silent --output /dev/null "http://127.0.0.1:$port/"; then
  fail "another process listens on 127.0.0.1:$port: choose a free port with --port"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/flash-sale-image.XXXXXX")
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}
buildah() { command buildah --root "$work/images" --runroot "$work/run" "$@"; }
service=
launcher=
clean_up() {
  local code=$?
  trap - EXIT
  [[ -z $service ]] || kill -KILL "$service" 2>/dev/null || true
  [[ -z $launcher ]] || wait "$launcher" 2>/dev/null || true
  if [[ $keep == true ]]; then
    say "kept: $work"
  else
    say "removing $work"
    buildah rm --all >/dev/null 2>&1 || true
    rm -rf "$work"
  fi
  ((code == 0)) || printf 'build-image: failed with exit code %s\n' "$code" >&2
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

version=$("$node" -p process.versions.node)
read -r mirror suite <<<"$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' 'Component: main' | head -n 1)"
[[ -n ${suite-} ]] || fail "apt has no source with the component main: 'apt-get indextargets' lists none"
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
[[ -z ${http_proxy-} ]] || export http_proxy

say "1/6 base image: Debian $suite, Node $version, npm $(npm --version)"
PATH=$PATH:/usr/sbin debootstrap --variant=minbase --include=ca-certificates,libatomic1 "$suite" "$work/base" "$mirror" \
  >"$work/debootstrap.log" 2>&1 || {
  tail -n 20 "$work/debootstrap.log" >&2
  fail 'debootstrap failed, its last lines are above'
}
install -D "$node" "$work/base/usr/local/bin/node"
mkdir -p "$work/base/usr/local/lib/node_modules" "$work/base/usr/local/etc"
cp -a "$(dirname "$(dirname "$(realpath "$(command -v npm)")")")" "$work/base/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/base/usr/local/bin/npm"
chroot "$work/base" useradd --uid 1000 --create-home --shell /bin/bash node
base=$(buildah from scratch)
buildah add --quiet "$base" "$work/base" / >/dev/null
rm -rf "$work/base"
buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd node "$base"
buildah commit --quiet --rm "$base" "node:$version-slim" >/dev/null

say '2/6 build of the Dockerfile'
# npm finds its registry and its certificates where the machine's npm does. A mount leaves nothing in the image.
mounts=()
npm_settings=$(npm config get globalconfig)
[[ ! -f $npm_settings ]] || mounts+=(--volume "$npm_settings:/usr/local/etc/npmrc:ro")
certificates=$(npm config get cafile)
[[ ! -f $certificates ]] || mounts+=(--volume "$certificates:$certificates:ro")
buildah build --isolation chroot --pull-never --format docker ${mounts[@]+"${mounts[@]}"} --tag flash-sale-checkout .

say '3/6 start'
container=$(buildah from --pull-never flash-sale-checkout)
mapfile -t command < <(buildah inspect --type image flash-sale-checkout | "$node" -e '
  const { Entrypoint, Cmd } = JSON.parse(require("fs").readFileSync(0, "utf8")).Docker.config;
  console.log([...Entrypoint, ...Cmd].join("\n"));')
((${#command[@]} > 0)) || fail "expected an entry point in the image, got none; see 'buildah inspect'"
token=$("$node" -p 'crypto.randomBytes(32).toString("hex")')
secret=whsec_$("$node" -p 'crypto.randomBytes(32).toString("base64")')
say "user $(buildah run --isolation chroot "$container" -- id), command: ${command[*]}"
buildah run --isolation chroot --env HOST=127.0.0.1 --env "PORT=$port" --env "ADMIN_TOKEN=$token" --env "WEBHOOK_SECRETS=$secret" \
  "$container" -- "${command[@]}" &
launcher=$!
url=http://127.0.0.1:$port
deadline=$((SECONDS + 60))
until curl --silent --fail --output /dev/null "$url/readyz"; do
  kill -0 "$launcher" 2>/dev/null || fail 'the service ended before it was ready, its last lines are above'
  ((SECONDS < deadline)) || fail "expected 200 from $url/readyz within 60 s; the service's lines are above"
  sleep 0.2
done

# The service is the last process below buildah's: it has no child.
service=$launcher
while child=$(pgrep --parent "$service" | head -n 1) && [[ -n $child ]]; do service=$child; done
say "ready: pid $service, uid $(stat --format %u "/proc/$service")"

say '4/6 a product and a hold'
answer() {
  local said
  said=$(curl --silent --show-error --fail-with-body --header 'Content-Type: application/json' "$@") ||
    fail "expected success from ${*: -1}, got: $said"
  printf '%s' "$said"
}
product=$(answer --header "Authorization: Bearer $token" --data '{"name":"Image","price":1,"currency":"USD","stock":1}' "$url/api/v1/admin/products")
product_id=$("$node" -p 'JSON.parse(process.argv[1]).product_id ?? JSON.parse(process.argv[1]).id' "$product")
hold=$(answer --data "{\"product_id\":$product_id,\"qty\":1}" "$url/api/v1/holds")
say "hold: $hold"
[[ $hold == *'"hold_id"'* ]] || fail "expected an answer with a hold_id, got: $hold"

say '5/6 SIGTERM'
kill -TERM "$service"
service=
code=0
wait "$launcher" || code=$?
launcher=
((code == 0)) || fail "expected exit code 0 after SIGTERM, got $code"
if curl --silent --output /dev/null "$url/"; then
  fail "the service ended, but a process still listens on 127.0.0.1:$port"
fi
say 'exit code 0, the port is free'

say '6/6 done: the image builds, serves as an ordinary user without a volume, and stops'
