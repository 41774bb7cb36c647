#!/bin/bash
# The public header compiles alone, as C11 and as C++17, and programs in both languages run with it.
# Usage: test_headers.sh LIBTRAWL.SO
set -eu
library=$(realpath "$1")
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# libuv's header needs what POSIX and glibc have beyond C11.
flags=(-D_GNU_SOURCE -Wall -Wextra -Werror -pedantic -Isrc)
read -ra uv <<<"$(pkg-config --cflags --libs libuv)"

# compile_alone COMPILER LANGUAGE STANDARD: twice in one file, with nothing before.
compile_alone() {
    printf '#include "trawl.h"\n#include "trawl.h"\n' |
        "$1" -x "$2" "-std=$3" "${flags[@]}" -fsyntax-only -
    echo "ok: alone, $1 $3"
}

# run_program COMPILER LANGUAGE STANDARD
run_program() {
    "$1" -x "$2" "-std=$3" "${flags[@]}" tests/headers_use.c -o "$dir/use" -x none "$library" \
        "${uv[@]}" -Wl,-rpath,"$(dirname "$library")"
    "$dir/use"
    echo "ok: a program, $1 $3"
}

for compilers in "gcc g++" "clang clang++"; do
    read -r c cxx <<<"$compilers"
    if ! command -v "$c" >/dev/null; then
        echo "no $c here"
        continue
    fi
    compile_alone "$c" c c11
    compile_alone "$cxx" c++ c++17
    run_program "$c" c c11
    run_program "$cxx" c++ c++17
done
