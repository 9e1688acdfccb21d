# What the commands of this project share: packages, builds, minutes. Sourced by bash, with
# `set -euo pipefail` in force; leaves $root, the top of the source tree.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Debian 12's names. What every build and every default test needs.
packages=(g++ cmake ninja-build ccache pkg-config
    libboost1.81-dev libboost-json1.81-dev libfmt-dev libspdlog-dev libcli11-dev libssl-dev
    zlib1g-dev libsnappy-dev liblz4-dev libzstd-dev libisal-dev libxxhash-dev
    libgtest-dev librapidcheck-dev libbenchmark-dev librdkafka-dev kcat
    qt6-base-dev qt6-svg-dev fonts-inter)
packages_clang=(clang-19 libclang-rt-19-dev)
packages_bench=(valgrind)
packages_java=(default-jre-headless maven)

say() { printf '== %s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

is_installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "packages are missing and neither root nor sudo is at hand: $*"
    fi
}

# install_packages NAME...: asks nothing, touches nothing that is there.
install_packages() {
    local missing=() one log
    command -v dpkg-query >/dev/null || fail "needs Debian 12, or a system with its packages"
    for one in "$@"; do
        is_installed "$one" || missing+=("$one")
    done
    ((${#missing[@]})) || return 0
    say "installing ${missing[*]}"
    log=$(mktemp)
    if ! { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install \
            --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "could not install ${missing[*]}"
    fi
    rm -f "$log"
}

# As many compilers as there are cores, and 1.5 GB of free memory for each.
jobs_at_once() {
    local cores memory
    cores=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo)
    ((memory >= 1)) || memory=1
    echo $((memory < cores ? memory : cores))
}

# configure DIRECTORY [CMAKE ARGUMENT]...
configure() {
    local directory=$root/.build/$1 log
    shift
    mkdir -p "$directory"
    log=$directory/configure.log
    if ! cmake -S "$root" -B "$directory" -G Ninja "$@" >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        fail "cmake could not configure $directory"
    fi
}

# dearest DIRECTORY SINCE: the ten files that took longest to compile, of those compiled since then.
dearest() {
    local listed
    listed=$(awk -v since="$2" '$3 / 1e9 >= since && $4 ~ /\.o$/ {
        printf "%6.1f s  %s\n", ($2 - $1) / 1000, substr($4, 1, length($4) - 2) }' \
        "$1/.ninja_log" | sort -rn | sed -n 's|CMakeFiles/||; 1,10p')
    [[ -z $listed ]] || printf 'The dearest files to compile:\n%s\n' "$listed"
}

# build DIRECTORY [TARGET]...
build() {
    local directory=$root/.build/$1 began
    began=$(date +%s)
    shift
    cmake --build "$directory" --parallel "$(jobs_at_once)" ${@:+--target "$@"} ||
        fail "the build in $directory failed"
    dearest "$directory" "$began"
}

minutes() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }
