#!/bin/bash
# What is installed is whole: pkg-config finds it, the README's example builds with it and fetches,
# the manual page is valid, and bash completes.
# Usage: test_install.sh BUILD_DIRECTORY ORIGIN
set -eu
build=$(realpath "$1")
origin=$(realpath "$2")
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
server=
clean_up() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" || true
    fi
    rm -rf "$dir"
}
trap clean_up EXIT
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

meson install -C "$build" --no-rebuild --quiet --destdir "$dir/root" >/dev/null
pc=$(find "$dir/root" -name trawl.pc)
prefix=$(sed -n 's/^prefix=//p' "$pc")
root=$dir/root$prefix
lib=$(dirname "$(dirname "$pc")")

# ---- the files ----

for file in bin/trawl include/trawl.h share/man/man1/trawl.1 \
    share/bash-completion/completions/trawl.bash; do
    [ -s "$root/$file" ] || fail "$file is not installed"
done
for file in libtrawl.a libtrawl.so libtrawl.so.0; do
    [ -s "$lib/$file" ] || fail "$file is not installed"
done
[ "$(find "$root/include" -type f | wc -l)" -eq 1 ] || fail "more than one header is installed"
"$root/bin/trawl" --version | grep -q '^trawl [0-9]' || fail "the command does not run"
echo "ok: files"

# ---- the README's example ----

export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$dir/root
awk '/^```/ { inside = $0 == "```c"; next } inside' README.md >"$dir/fetch.c"
grep -q '^int main' "$dir/fetch.c" || fail "README.md has no example"
read -ra cflags <<<"$(pkg-config --cflags trawl)"
read -ra shared <<<"$(pkg-config --libs trawl)"
# Statically as far as trawl goes: what it is made of comes from the system, shared.
read -ra private <<<"$(pkg-config --print-requires-private trawl | awk '{print $1}' |
    xargs pkg-config --libs) $(sed -n 's/^Libs.private: *//p' "$pc")"
[ "$(pkg-config --modversion trawl)" = "$(sed -n 's/.*TRAWL_VERSION "\(.*\)"/\1/p' \
    "$root/include/trawl.h")" ] || fail "trawl.pc and trawl.h differ in the version"

cc -Wall -Wextra -Werror "$dir/fetch.c" "${cflags[@]}" "${shared[@]}" -o "$dir/fetch_shared"
cc -Wall -Wextra -Werror "$dir/fetch.c" "${cflags[@]}" "${shared[@]/#-ltrawl/-l:libtrawl.a}" \
    "${private[@]}" -o "$dir/fetch_static"
ldd "$dir/fetch_static" | grep -q libtrawl && fail "the static program needs the shared library"

"$origin" --max-seconds 60 >"$dir/log" &
server=$!
for _ in $(seq 100); do
    grep -q listening "$dir/log" && break
    sleep 0.1
done
url=$(sed -n 's/^listening on \([^ ]*\) .*/\1/p' "$dir/log")
[ -n "$url" ] || fail "the test web server did not start"
for way in shared static; do
    LD_LIBRARY_PATH=$lib timeout 30 "$dir/fetch_$way" "${url}page?size=500" >"$dir/out" ||
        fail "the example exits with $?"
    grep -q '^200 .*500 bytes' "$dir/out" || fail "the example prints: $(cat "$dir/out")"
    echo "ok: the README's example, $way"
done

# ---- the manual page ----

mandoc -T lint -W error "$root/share/man/man1/trawl.1" || fail "the manual page is not valid"
mandoc -T utf8 "$root/share/man/man1/trawl.1" >"$dir/man"
for word in NAME SYNOPSIS "EXIT STATUS" --concurrency ETIMEDOUT; do
    sed 's/.\x08//g' "$dir/man" | grep -q -e "$word" ||
        fail "the manual page does not have $word"
done
echo "ok: the manual page"

# ---- completion ----

# completed WORD...: what bash offers for the last word.
completed() {
    bash --norc -c '
        set -eu
        . "$0"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _trawl
        echo "${COMPREPLY[*]}"' "$root/share/bash-completion/completions/trawl.bash" "$@"
}
[ "$(completed trawl fetch --conc)" = --concurrency ] || fail "--conc is not completed"
[ "$(completed trawl fet)" = fetch ] || fail "fet is not completed"
[ "$(completed trawl fetch --format j)" = jsonl ] || fail "--format j is not completed"
[ -z "$(completed trawl fetch --nothing)" ] || fail "--nothing is completed"
echo "ok: completion"
