#!/bin/bash
# Every benchmark of the event loop and of crawls, one after another, with one report. Half an hour on a machine
# that does nothing else; --quick, to see that they work, takes about two minutes and its figures tell
# nothing.
#
#     bench/all.sh [--quick] [NAME...]     NAMEs: one_host counts many_hosts in_flight tls names long
#                                                 crawl politeness
#
# The report is results/latest.txt, the raw results are beside it; with --quick they are in build-bench/quick/.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
need_packages build bench

quick=
if [ "${1:-}" = --quick ]; then
    quick=1
    shift
fi
[ $# -gt 0 ] || set -- one_host counts many_hosts in_flight tls names long crawl politeness

# The arguments of a benchmark; those of a quick run make it small.
arguments() {
    case $1${quick:+-quick} in
    counts) echo one_host.py --counts ;;
    one_host-quick) echo one_host.py --rounds 1 --urls 4000 ;;
    counts-quick) echo one_host.py --counts --counted 500 ;;
    many_hosts-quick) echo many_hosts.py --rounds 1 --counts 1000,4000,8000 --peers-at 4000 ;;
    in_flight-quick) echo in_flight.py --rounds 1 --fetches 2000,3000 ;;
    tls-quick) echo tls.py --rounds 1 --urls 2000 ;;
    names-quick) echo names.py --rounds 1 --names 4000 --dead 200 ;;
    long-quick) echo long.py --fetches 100000 --hosts 20000 ;;
    crawl-quick) echo crawl.py --no-scrapy --rounds 1 ;;
    politeness-quick) echo politeness.py --hosts 200 --pages 6 ;;
    one_host | many_hosts | in_flight | tls | names | long | crawl | politeness) echo "$1.py" ;;
    *)
        echo "all.sh: no benchmark named '$1'" >&2
        return 1
        ;;
    esac
}

run() {
    local start=$SECONDS words
    words=$(arguments "$1")
    echo "== bench/$words"
    # shellcheck disable=SC2086 # the words are arguments
    /usr/bin/python3 -B bench/$words
    echo "($((SECONDS - start)) s)"
    echo
}

for name in "$@"; do
    arguments "$name" >/dev/null
done
export TRAWL_BENCH_RESULTS=${quick:+build-bench/quick}
TRAWL_BENCH_RESULTS=${TRAWL_BENCH_RESULTS:-bench/results}
mkdir -p "$TRAWL_BENCH_RESULTS"
failed=0
{
    date -u '+%Y-%m-%d %H:%M UTC'
    git log -1 --format='%h %s' 2>/dev/null || true
    echo
    for name in "$@"; do
        run "$name" || echo "$name FAILED" >&2
    done
} 2>&1 | tee "$TRAWL_BENCH_RESULTS/latest.txt"
if grep -q ' FAILED$' "$TRAWL_BENCH_RESULTS/latest.txt"; then
    failed=1
fi
exit $failed
