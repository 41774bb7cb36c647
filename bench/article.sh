#!/bin/bash
# The article's programs beside trawl's strategies: see article.py, which this runs, and README.md.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
need_packages build bench
exec /usr/bin/python3 bench/article.py "$@"
