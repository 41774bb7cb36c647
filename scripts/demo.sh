#!/bin/bash
# Installs what is missing, builds, starts the test web server on loopback addresses and fetches
# urls/demo.txt from it: 16 URLs, each answered after 200 ms. Then times the event loop beside threads
# and processes on the same list, and crawls three small sites from the seeds in urls/crawl.txt.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
need_packages build test
leave_sudo scripts/demo.sh "$@"
scripts/build.sh build trawl tests/origin

log=$(mktemp)
servers=()

stop_servers() {
    kill "${servers[@]}" 2>/dev/null || true
    wait "${servers[@]}" 2>/dev/null || true
    rm -f "$log"
}
trap stop_servers EXIT

# start_server PORT OPTION...
start_server() {
    local server
    : >"$log"
    build/tests/origin --listen 127.0.0.1 --port "$@" --max-seconds 300 >"$log" 2>&1 &
    server=$!
    servers+=("$server")
    for _ in $(seq 100); do
        grep -q '^listening' "$log" && return
        if ! kill -0 "$server" 2>/dev/null; then
            cat "$log" >&2
            echo "The test web server did not start; is port $1 in use by another program?" >&2
            exit 1
        fi
        sleep 0.1
    done
}

echo "Starting the test web server on 127.0.0.1 to 127.0.0.4, port 8099, and with sites on port 8098"
start_server 8099 --hosts 4
start_server 8098 --hosts 3 --site 12 --seed 22

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
echo
echo "Running: build/trawl crawl --allow-private --wait 0.1 -i urls/crawl.txt"
echo
# 8: some links of the sites are dead, as on real ones.
build/trawl crawl --allow-private --wait 0.1 -i urls/crawl.txt || [ $? -eq 8 ]
echo
echo "Stopping the test web server"
