#!/bin/sh
# What the command says and returns without fetching anything. Usage: test_cli_usage.sh TRAWL
set -u
trawl=$1
failed=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# expect STATUS LINE ARGUMENT...: the exit status, and a line on standard error ("" is none).
expect() {
    status=$1 line=$2
    shift 2
    timeout 20 "$trawl" "$@" >"$dir/out" 2>"$dir/err" </dev/null
    got=$?
    said=$(cat "$dir/err")
    if [ "$got" != "$status" ] || [ "$said" != "$line" ]; then
        printf 'trawl %s\n  expected %s: %s\n  got      %s: %s\n' \
            "$*" "$status" "$line" "$got" "$said"
        failed=1
    fi
}

# prints TEXT ARGUMENT...: succeeds silently, with TEXT on standard output.
prints() {
    text=$1
    shift
    expect 0 '' "$@"
    if ! grep -qF -e "$text" "$dir/out"; then
        printf 'trawl %s does not print %s\n' "$*" "$text"
        failed=1
    fi
}

prints 'Usage: trawl COMMAND' --help
prints 'Usage: trawl COMMAND' help
prints 'Usage: trawl fetch' fetch -h
prints 'Usage: trawl fetch' help fetch
prints 'Usage: trawl compare' compare -h
prints 'Usage: trawl compare' help compare
prints 'libcurl' --version
prints 'libuv' fetch --version
prints '.Dt TRAWL 1' help --man
prints 'complete -F _trawl trawl' help --completion

expect 2 "trawl: no command; see 'trawl --help'"
expect 2 "trawl: unknown command 'fecth'; did you mean 'fetch'?" fecth
expect 2 "trawl: a URL is no command; did you mean 'trawl fetch URL'?" http://me:secret@a/
expect 2 "trawl: unknown option '--hepl'; did you mean '--help'?" --hepl
expect 2 "trawl help: unknown command 'fetsh'; did you mean 'fetch'?" help fetsh
expect 2 "trawl fetch: unknown option '--concurency'; did you mean '--concurrency'?" \
    fetch --concurency 3 http://a/
expect 3 "trawl fetch: $dir/none: No such file or directory" fetch -i "$dir/none"
expect 3 "trawl fetch: $dir/none/x: No such file or directory" fetch -o "$dir/none/x" http://a/
expect 3 "trawl fetch: $dir/none/x: No such file or directory" \
    fetch --stats "$dir/none/x" http://a/

"$trawl" help --completion >"$dir/completion"
if command -v bash >/dev/null && ! bash -n "$dir/completion"; then
    failed=1
fi
"$trawl" help --man >"$dir/trawl.1"
# Pages that others own need not be installed where this runs.
if command -v mandoc >/dev/null; then
    faults=$(mandoc -T lint "$dir/trawl.1" 2>/dev/null | grep -v 'makewhatis\|Xr to nonexistent\|referenced manual')
    if [ -n "$faults" ]; then
        echo "$faults"
        failed=1
    fi
fi

# A list that is empty is a list that was fetched.
expect 0 '' fetch -q -i -
exit $failed
