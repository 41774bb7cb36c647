#!/bin/bash
# Runs the tests of a build: scripts/run-tests.sh DIRECTORY [OPTION OF MESON TEST...]
# Its last line is "N passed, N failed", counted from meson's log of what ran.
set -u
dir=$1
shift
# With a wrapper its name is in the log's.
rm -f "$dir"/meson-logs/testlog*.json
meson test -C "$dir" --print-errorlogs "$@"
status=$?
log=$(echo "$dir"/meson-logs/testlog*.json)

count() {
    jq -rs "[.[] | select(.result | $1)] | length" "$log"
}
ran=0 passed=0 skipped=0
if [ -f "$log" ]; then
    ran=$(count 'true')
    passed=$(count '. == "OK" or . == "EXPECTEDFAIL"')
    skipped=$(count '. == "SKIP"')
fi
failed=$((ran - passed - skipped))
# A run that ended before its tests did has failed too.
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ] || [ "$ran" -eq 0 ]; then
    failed=$((failed + 1))
fi
[ "$skipped" -eq 0 ] || jq -r 'select(.result == "SKIP") | "skipped: " + .name' "$log"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
