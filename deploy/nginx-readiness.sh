#!/bin/sh
# Takes nodes whose /readyz is not 200 out of nginx, and puts them back. nginx without its commercial modules has passive checks
# only: it notices a node that refuses connections, and keeps sending requests to a node that responds 503.
#
#   deploy/nginx-readiness.sh [/etc/nginx/nginx-upstream.conf]
#
# Run it every few seconds, for example by a systemd timer. NGINX_COMMAND is the command of nginx with its
# options, "nginx" by default. (nginx itself reads a variable NGINX: it names sockets there.)
set -eu
upstream=${1:-/etc/nginx/nginx-upstream.conf}
next=$(mktemp)
trap 'rm -f "$next"' EXIT

ready=0
while IFS= read -r line; do
  case $line in
    server\ *)
      line=$(echo "$line" | sed 's/ down;/;/')
      address=$(echo "$line" | sed 's/^server \([^ ;]*\).*/\1/')
      if curl --silent --fail --max-time 2 --output /dev/null "http://$address/readyz"; then
        ready=$((ready + 1))
      else
        line=$(echo "$line" | sed 's/;/ down;/')
      fi
      ;;
  esac
  echo "$line"
done <"$upstream" >"$next"

# Without one ready node all stay in: their own 503 has a code and a Retry-After, and nginx would respond 502.
if [ "$ready" -eq 0 ]; then
  sed 's/ down;/;/' "$upstream" >"$next"
fi

if ! cmp -s "$next" "$upstream"; then
  cat "$next" >"$upstream"
  # shellcheck disable=SC2086 # a command with options
  ${NGINX_COMMAND:-nginx} -s reload
fi
