#!/bin/bash
# Installs what is missing, builds, starts the test web server on loopback addresses and fetches
# urls/demo.txt from it: 16 URLs, each answered after 200 ms. Then times the event loop beside threads
# and processes on the same list.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
need_packages build test
leave_sudo scripts/demo.sh "$@"
scripts/build.sh build trawl tests/origin

port=8099
log=$(mktemp)
echo "Starting the test web server on 127.0.0.1 to 127.0.0.4, port $port"
build/tests/origin --listen 127.0.0.1 --hosts 4 --port "$port" --max-seconds 300 >"$log" 2>&1 &
server=$!

stop_server() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    rm -f "$log"
}
trap stop_server EXIT

for _ in $(seq 100); do
    grep -q '^listening' "$log" && break
    if ! kill -0 "$server" 2>/dev/null; then
        cat "$log" >&2
        echo "The test web server did not start; is port $port in use by another program?" >&2
        exit 1
    fi
    sleep 0.1
done

# What is on loopback is asked for without a proxy.
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
echo "Running: build/trawl fetch -i urls/demo.txt $*"
echo
build/trawl fetch -i urls/demo.txt "$@"
echo
echo "Running: build/trawl compare -i urls/demo.txt --counts 16 --runs 3 --chart build/compare.svg"
echo
build/trawl compare -i urls/demo.txt --counts 16 --runs 3 --chart build/compare.svg
echo
echo "The chart is in build/compare.svg"
echo "Stopping the test web server"
