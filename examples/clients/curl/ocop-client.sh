#!/usr/bin/env bash
# An integration of OCOP over HTTP, with curl alone. For trying out: a message is gone from the queue once it was sent to
# you, whether or not it arrived, and the broker's management interface is not made for more than a few a second.
#
#   ocop-client.sh file DOSSIER.json [ID]    file it, and print its id once the broker has it for good
#   ocop-client.sh file scorecard.filed CARD.json [ID]    the same with another kind: a scorecard, a recognition, …
#   ocop-client.sh follow                    print every message on our queue, a line of JSON each, until Ctrl-C
#   ocop-client.sh ask 01-09574-1-2026       ask how a product stands, and print all that comes, up to the answer
#
#   OCOP_AMQP_URL         as the operator gave it: amqps://integration.<name>:<password>@<host>:5671/%2F
#   OCOP_MANAGEMENT_URL   https://<host>:15671, http://127.0.0.1:15672
#   OCOP_SOURCE           who we are, always the same (/portals/<name>)
#   OCOP_CA_FILE          the authority of the broker's certificate, where it is not one that this machine knows
#
# The user needs the tag `management` (`management_api: true` in deploy/integrations.yaml), and no right beyond its own.
# Needs bash, curl 7.76 and base64. Ends with 0: done; 1: refused or not answered; 2: wrongly called.
set -euo pipefail
shopt -s inherit_errexit

usage() {
    echo "usage: ocop-client.sh file [EVENT] FILE.json [ID] | follow | ask PRODUCT-CODE (OCOP_AMQP_URL and OCOP_MANAGEMENT_URL set)" >&2
    exit 2
}

[ -n "${OCOP_AMQP_URL:-}" ] && [ -n "${OCOP_MANAGEMENT_URL:-}" ] || usage
credentials=${OCOP_AMQP_URL#*://}
credentials=${credentials%@*} # user:password, as the operator made them: nothing in them is percent-encoded
user=${credentials%%:*}
source=${OCOP_SOURCE:-/portals/${user#integration.}}

new_id() {
    cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen
}

# Posts JSON to the management interface. The password is in no argument, where every user of this machine would see it.
post() {
    local answer
    answer=$(curl --silent --show-error --fail-with-body --max-time 30 ${OCOP_CA_FILE:+--cacert "$OCOP_CA_FILE"} \
        --config <(printf 'user = "%s"\n' "$credentials") --header "Content-Type: application/json" \
        --data-binary @- "${OCOP_MANAGEMENT_URL%/}/api/$1") || {
        echo "The broker refuses, or cannot be reached. ${answer:-}" >&2
        exit 1
    }
    printf '%s' "$answer"
}

# Publishes what comes in as the data of an event. The broker answers once it has the message for good.
publish() {
    local event=$1 id=$2 answer
    answer=$(
        post exchanges/%2F/ocop.intake/publish <<END
{"routing_key": "$event.v1", "payload_encoding": "base64", "payload": "$(base64 | tr -d '\n')",
 "properties": {"content_type": "application/json", "delivery_mode": 2, "message_id": "$id", "user_id": "$user",
  "headers": {"ce-specversion": "1.0", "ce-id": "$id", "ce-source": "$source", "ce-type": "vn.ocop.$event.v1"}}}
END
    )
    [ "$answer" = '{"routed":true}' ] || {
        echo "Not confirmed: publish again under the same id, $id. The broker said: $answer" >&2
        exit 1
    }
}

# Takes the next message from our queue, as a line of JSON; nothing where there is none.
take() {
    local taken
    taken=$(post "queues/%2F/$user.events/get" <<<'{"count": 1, "ackmode": "ack_requeue_false", "encoding": "auto"}')
    [ "$taken" = "[]" ] || printf '%s\n' "$taken"
}

file() {
    local event=dossier.filed
    [[ -f $1 || ! $1 =~ ^[a-z]+\.[a-z-]+$ ]] || { event=$1 && shift; }
    local body=${1:-} id=${2:-$(new_id)}
    [ -f "$body" ] && [ $# -le 2 ] || usage
    echo "Filing $id" >&2 # known before it is sent: where this ends too early, file again under the same id
    publish "$event" "$id" <"$body"
    echo "$id"
}

follow() {
    local message
    while true; do
        message=$(take)
        if [ -n "$message" ]; then
            printf '%s\n' "$message"
        else
            sleep 1
        fi
    done
}

ask() {
    local id message end=$((SECONDS + 30))
    id=$(new_id)
    printf '{"product_code": "%s"}' "$1" | publish product.query "$id"
    while [ $SECONDS -lt $end ]; do
        message=$(take)
        if [ -n "$message" ]; then
            printf '%s\n' "$message"
        else
            sleep 0.2
        fi
        [[ $message != *"\"ce-causationid\":\"$id\""* ]] || return 0
    done
    echo "No answer in 30 s: ask again" >&2
    exit 1
}

case "${1:-} $#" in
"file 2" | "file 3" | "file 4") file "${@:2}" ;;
"follow 1") follow ;;
"ask 2") ask "$2" ;;
*) usage ;;
esac
