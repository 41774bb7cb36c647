#!/bin/bash
# Builds trawl, or only the targets named: scripts/build.sh [DIRECTORY [TARGET...]]
# Installs the packages that the build and its tests need, if any is missing.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
need_packages build test
leave_sudo scripts/build.sh "$@"

dir=${1:-build}
[ $# -eq 0 ] || shift
if [ ! -f "$dir/build.ninja" ]; then
    echo "Configuring $dir"
    log=$(meson setup "$dir" 2>&1) || { printf '%s\n' "$log" >&2; exit 1; }
fi
echo "Building in $dir"
ninja -C "$dir" --quiet "$@"
