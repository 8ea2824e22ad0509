#!/usr/bin/env bash
# Brings a bare Debian machine to where the local stack runs. Called by make; each step does nothing where all is there.
#
#   tools/bootstrap.sh python      .venv with the locked, hashed dependencies
#   tools/bootstrap.sh bench       .local/bench with those of the benchmarks
#   tools/bootstrap.sh rabbitmq    the system's RabbitMQ, from Debian's packages
#   tools/bootstrap.sh promtool    Prometheus' promtool, from Debian's packages
#   tools/bootstrap.sh npm         .local/npm with AsyncAPI's parser, locked; Node.js from Debian's packages where it is missing
#   tools/bootstrap.sh clients     what the tests of examples need: .local/npm-clients with amqplib, .local/npm-webhooks with
#                                  standardwebhooks, and from Debian's packages Go, Java, Node.js, PHP and curl with the
#                                  libraries of the clients
#
# Where a step may not install, it says what to do and ends with 1. An interrupted step is done again by the next run.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly RABBITMQ_SERVER=/usr/lib/rabbitmq/bin/rabbitmq-server
readonly POLICY=/usr/sbin/policy-rc.d
readonly POLICY_SET_ASIDE=/usr/sbin/policy-rc.d.before-ocop
readonly POLICY_MARK="# ocop: no service is started while"

child=""
must_finish=""

give_up() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Runs a command in a session of its own, so that an interrupt can end it with all its children.
logged() {
    local log=$1
    shift
    setsid "$@" >>"$log" 2>&1 </dev/null 9>&- &
    child=$!
    local status=0
    wait "$child" || status=$?
    child=""
    return "$status"
}

logged_or_give_up() {
    local log=$1
    if ! logged "$@"; then
        tail -n 20 "$log" >&2
        give_up "" "That did not work: ${*:2}" "The whole log: $log"
    fi
}

interrupted() {
    trap '' INT TERM HUP
    if [ -n "$child" ]; then
        if [ -n "$must_finish" ]; then
            echo "Interrupted; $must_finish first …" >&2
        else
            kill -TERM -- "-$child" 2>/dev/null || true
        fi
        wait "$child" 2>/dev/null || true
    fi
    exit 130
}
trap interrupted INT TERM HUP

may_install_packages() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

install_packages() {
    local log=.local/apt.log
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends)
    : >"$log"
    logged_or_give_up "$log" dpkg --configure -a # what an earlier interruption left half done
    logged "$log" apt-get update || true # one broken source of many: the installation tells whether it matters
    logged_or_give_up "$log" "${apt[@]}" install --download-only "$@"
    must_finish="letting the package manager finish, which it must,"
    logged_or_give_up "$log" "${apt[@]}" install "$@"
    must_finish=""
}

require_python() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        give_up "Python 3.11 or newer is needed as python3. On Debian 12: apt-get install python3 python3-venv"
}

create_venv() {
    local venv=$1 log=.local/pip.log
    logged "$log" python3 -m venv --clear "$venv" && return
    may_install_packages || {
        tail -n 5 "$log" >&2
        give_up "" "A virtual environment cannot be created here. As root: apt-get install python3-venv" "Then run make again."
    }
    echo "Installing python3-venv from Debian's packages (about 10 s) …"
    install_packages python3-venv
    logged_or_give_up "$log" python3 -m venv --clear "$venv"
}

install_python() {
    local venv=$1 lock=$2
    local complete=$venv/.complete # written last, so that an interrupted installation is never taken for a whole one
    if [ -e "$complete" ] && [ ! "$lock" -nt "$complete" ] && [ -x "$venv/bin/python" ]; then
        return
    fi
    require_python
    : >.local/pip.log
    echo "Creating $venv with the locked dependencies (about 40 s) …"
    if [ ! -e "$complete" ] || [ ! -x "$venv/bin/python" ]; then
        create_venv "$venv"
    fi
    rm -f "$complete"
    logged_or_give_up .local/pip.log "$venv/bin/python" -m pip install --no-input --disable-pip-version-check \
        --no-deps --require-hashes -r "$lock"
    touch "$complete"
}

rabbitmq_is_installed() {
    [ -x "$RABBITMQ_SERVER" ] || return 1
    # Unpacked is not installed: an interrupted apt leaves the file there and Erlang missing.
    local state
    state=$(dpkg-query --show --showformat '${db:Status-Status}' rabbitmq-server 2>/dev/null) || return 0
    [ "$state" = installed ]
}

# Debian starts a service when it installs one, unless this file says no (exit 101). We want a private node only.
forbid_service_starts() {
    restore_service_starts
    if [ -x "$POLICY" ]; then
        mv "$POLICY" "$POLICY_SET_ASIDE"
    fi
    trap restore_service_starts EXIT
    printf '#!/bin/sh\n%s our packages are being installed\nexit 101\n' "$POLICY_MARK" >"$POLICY"
    chmod 755 "$POLICY"
}

restore_service_starts() {
    if grep -qsF "$POLICY_MARK" "$POLICY"; then
        rm -f "$POLICY"
    fi
    if [ -e "$POLICY_SET_ASIDE" ]; then
        mv "$POLICY_SET_ASIDE" "$POLICY"
    fi
}

install_rabbitmq() {
    rabbitmq_is_installed && return
    may_install_packages || give_up \
        "RabbitMQ is not installed ($RABBITMQ_SERVER is missing or half installed), and only root may install it." \
        "As root:  apt-get update && apt-get install --no-install-recommends rabbitmq-server" \
        "The system's own broker may stay off (systemctl disable --now rabbitmq-server): a private node is started." \
        "Then run make again."
    echo "Installing RabbitMQ from Debian's packages (about 20 s) …"
    forbid_service_starts
    install_packages rabbitmq-server
    if [ -d /run/systemd/system ]; then
        systemctl disable --quiet rabbitmq-server epmd.socket || true # nor at the next boot
    fi
}

# The tests run the alert rules through promtool; the server that comes with it stays off.
install_promtool() {
    command -v promtool >/dev/null && return
    may_install_packages || give_up \
        "promtool is not installed, and only root may install it." \
        "As root:  apt-get update && apt-get install --no-install-recommends prometheus" \
        "The system's own Prometheus may stay off (systemctl disable --now prometheus)." \
        "Then run make again."
    echo "Installing promtool from Debian's packages (about 20 s) …"
    forbid_service_starts
    install_packages prometheus
    if [ -d /run/systemd/system ]; then
        systemctl disable --quiet prometheus || true # nor at the next boot
    fi
}

node_is_installed() {
    command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 18 ? 1 : 0)' 2>/dev/null
}

install_node() {
    node_is_installed && return
    may_install_packages || give_up \
        "Node.js 18 or newer with npm is needed. On Debian 12: apt-get install nodejs npm" "Then run make again."
    echo "Installing Node.js from Debian's packages (about 1 min) …"
    install_packages nodejs npm
}

install_npm() {
    local source=$1 target=$2 what=$3 log=.local/npm.log
    : >"$log"
    echo "Installing $what into $target (at most 20 s) …"
    mkdir -p "$target"
    rm -f "$target/.complete"
    cp "$source/.npmrc" "$source"/*.* "$target/"
    logged_or_give_up "$log" npm ci --prefix "$target"
    touch "$target/.complete"
}

# Names, of these packages, those that are not there; half installed is not there.
missing_packages() {
    local package
    for package; do
        [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

# All at once: each time the package manager is asked costs seconds.
install_client_packages() {
    local missing
    mapfile -t missing < <(
        missing_packages golang-go golang-github-rabbitmq-amqp091-go-dev php-cli php-amqplib \
            librabbitmq-client-java libgoogle-gson-java libslf4j-java
        command -v javac >/dev/null || echo default-jdk-headless
        command -v curl >/dev/null || echo curl
        node_is_installed || printf '%s\n' nodejs npm
    )
    [ ${#missing[@]} = 0 ] && return
    may_install_packages || give_up \
        "The tests run the clients of examples/clients, and these Debian packages are missing: ${missing[*]}" \
        "As root:  apt-get update && apt-get install --no-install-recommends ${missing[*]}" \
        "Then run make again."
    echo "Installing what the clients need from Debian's packages (20 s to 1 min): ${missing[*]} …"
    forbid_service_starts
    install_packages "${missing[@]}"
}

install_clients() {
    local target=.local/npm-clients lock=examples/clients/node/package-lock.json
    install_client_packages
    if [ ! -e "$target/.complete" ] || [ "$lock" -nt "$target/.complete" ]; then
        install_npm examples/clients/node "$target" amqplib
    fi
    target=.local/npm-webhooks lock=examples/webhooks/node/package-lock.json
    if [ ! -e "$target/.complete" ] || [ "$lock" -nt "$target/.complete" ]; then
        install_npm examples/webhooks/node "$target" standardwebhooks
    fi
}

mkdir -p .local
exec 9>.local/bootstrap.lock
if ! flock --nonblock 9; then
    echo "Waiting for another make of this clone to finish installing …"
    flock 9
fi
case "${1:-}" in
python) install_python .venv requirements/all.lock ;;
bench) install_python .local/bench requirements/bench.lock ;;
rabbitmq) install_rabbitmq ;;
promtool) install_promtool ;;
npm) install_node; install_npm tools/contracts/npm .local/npm "AsyncAPI's parser" ;;
clients) install_clients ;;
*) give_up "usage: tools/bootstrap.sh python|bench|rabbitmq|promtool|npm|clients" ;;
esac
