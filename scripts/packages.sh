# shellcheck shell=bash
# The Debian packages that trawl needs, and how the other scripts get them. To be sourced:
#
#     . scripts/packages.sh
#     need_packages build test

packages_for() {
    case $1 in
    build)
        echo build-essential meson ninja-build pkg-config libuv1-dev libcurl4-openssl-dev \
            libc-ares-dev libidn2-dev nettle-dev libunistring-dev libxxhash-dev libyajl-dev \
            libmimalloc-dev libcairo2-dev fonts-dejavu-core \
            libbrotli-dev libexpat1-dev libpcre2-dev libpsl-dev libzstd-dev zlib1g-dev
        ;;
    test)
        echo check libjansson-dev libgumbo-dev ca-certificates python3 jq mandoc \
            nginx openssl python3.11-doc
        ;;
    checks)
        echo clang clang-tidy clang-format libclang-rt-14-dev cppcheck shellcheck valgrind
        ;;
    bench)
        echo nginx curl wget2 wrk jq dnsmasq-base time util-linux librsvg2-bin python3 openssl \
            python3-aiohttp python3-joblib python3-requests python3-scrapy strace valgrind \
            libgumbo-dev libxml2-dev python3.11-doc
        ;;
    *)
        echo "packages.sh: no list named '$1'" >&2
        return 1
        ;;
    esac
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "This needs root, and there is no sudo. Run as root: $*" >&2
        return 1
    fi
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_known() {
    [ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]
}

# nginx would start at once and with every boot, on all addresses, while the tests start their own.
# Its package starts it with these programs; ones that do nothing take their place meanwhile.
install_packages() {
    local shadow program status
    shadow=$(mktemp -d) || return 1
    for program in invoke-rc.d deb-systemd-invoke; do
        printf '#!/bin/sh\nexit 0\n' >"$shadow/$program"
    done
    chmod -R a+rx "$shadow"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o DPkg::Path="$shadow:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$@"
    status=$?
    rm -r "$shadow"
    return "$status"
}

# Installs what is missing of the lists named, and nothing when nothing is.
need_packages() {
    local list package missing=() unknown=0
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "No apt-get here: install by hand what scripts/packages.sh lists." >&2
        return 0
    fi
    for list in "$@"; do
        for package in $(packages_for "$list"); do
            is_installed "$package" || missing+=("$package")
        done
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    for package in "${missing[@]}"; do
        is_known "$package" || unknown=1
    done
    if [ "$unknown" -eq 1 ]; then
        as_root apt-get update -q || return 1
    fi
    # Old lists name versions that are no longer there.
    if ! install_packages "${missing[@]}"; then
        as_root apt-get update -q && install_packages "${missing[@]}" || return 1
    fi
    case " ${missing[*]} " in
    *" nginx "*) as_root /usr/sbin/update-rc.d nginx disable || true ;;
    esac
}

# With `sudo scripts/...` only the packages need root: the rest is done by the user whose files
# these are, so that the next run without sudo can go on with them.
leave_sudo() {
    local owner
    owner=$(stat -c %u .) || return 1
    if [ "$(id -u)" -eq 0 ] && [ -n "${SUDO_UID:-}" ] && [ "$owner" -ne 0 ] &&
        [ "$owner" -eq "$SUDO_UID" ]; then
        exec sudo -u "#$owner" -- "$@"
    fi
}
