#!/bin/bash
# Installs what is missing, builds, and runs all tests. Its last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
. scripts/packages.sh
need_packages build test || exit 1
leave_sudo scripts/test.sh "$@"

scripts/build.sh || { echo "The build failed." >&2; echo "0 passed, 1 failed"; exit 1; }
echo "Running the tests"
scripts/run-tests.sh build "$@"
