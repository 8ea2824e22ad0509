"""Checks what the broker's management interface says: who we are, its nodes, and its topology."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ops.access.broker import permissions
from ops.access.management import ManagementError
from ops.access.published import published_definitions
from ops.broker_access import Access
from ops.doctor.check import Check, listed, not_checked, ok, warning, wrong
from ops.doctor.topology import KINDS, Things, check_topology
from ops.queues.management import asked
from shared.errors import SettingsError
from shared.messaging.delivery import OPERATOR
from shared.messaging.routing import is_inbox


async def check_management(access: Access) -> list[Check]:
    """Make the checks that need the management interface."""
    try:
        checks = [_user(await asked(access, "whoami")), _nodes(await asked(access, "nodes"))]
    except ManagementError as error:
        advice = "OCOP_MANAGEMENT_URL says where it is; the plugin rabbitmq_management must be on"
        return [warning("management", str(error), advice), *_unknown("needs the management interface")]
    try:
        found = {kind: await asked(access, f"{kind}/{quote(access.vhost, safe='')}") for kind in KINDS}
    except ManagementError as error:
        return [*checks, *_unknown(str(error))]
    return [*checks, *check_published(access.integrations, found)]


def check_published(integrations: Path, found: Mapping[str, Things]) -> list[Check]:
    """Check what the broker has by what code and file of integrations say."""
    try:
        published = published_definitions(integrations)
    except SettingsError as fault:
        advice = "mend it; until then registry and evaluation go by the scopes that they have, and do not start"
        return [wrong("integrations", f"{fault}".replace("\n", "; "), advice), *_unknown("needs the file")[1:]]
    return [check_integrations(integrations, published, found), *check_topology(published, found)]


def check_integrations(file: Path, published: Mapping[str, Things], found: Mapping[str, Things]) -> Check:
    """Check that who is in the file can connect, and that nobody else can, as far as the operator's user sees it."""
    wanted, there = (_connected(queues["queues"]) for queues in (published, found))
    if missing := wanted - there:
        advice = "ocop access issue makes their passwords, then ocop access apply lets them in"
        return wrong("integrations", f"in {file}, and not on the broker: {listed(missing)}", advice)
    if left_over := there - wanted:
        found_so = f"on the broker, and not in {file}: {listed(left_over)}"
        return warning("integrations", found_so, "ocop access apply says how to remove them")
    return ok("integrations", f"those of {file}: {listed(wanted) or 'none'}")


def _connected(queues: Things) -> set[str]:
    return {queue["name"].removesuffix(".events") for queue in queues if is_inbox(queue["name"])}


def _unknown(why: str) -> list[Check]:
    return [not_checked(kind, why) for kind in ("integrations", *KINDS)]


def _user(who: Mapping[str, Any]) -> Check:
    issued, tags = permissions({})[OPERATOR].tags, who.get("tags", ())
    found = set(tags.split(",") if isinstance(tags, str) else tags)
    if who["name"] != OPERATOR:
        advice = f"log in as {OPERATOR}, who may do no harm by mistake"
        return warning("user", f"this is the user {who['name']}", advice)
    if found != set(issued):
        return warning("user", f"tags: {listed(found)}; issued: {listed(issued)}", "ocop access apply sets them anew")
    return ok("user", f"{OPERATOR}, with the tags that were issued: {listed(found)}")


def _nodes(nodes: list[Mapping[str, Any]]) -> Check:
    alarms = [
        f"{node['name']}: no {what} left"
        for node in nodes
        for field, what in (("mem_alarm", "memory"), ("disk_free_alarm", "disk space"))
        if node.get(field)
    ]
    down = [f"{node['name']} is down" for node in nodes if not node.get("running")]
    parted = [f"{node['name']} sees a partition" for node in nodes if node.get("partitions")]
    if alarms:
        return wrong("nodes", "; ".join(alarms), "the broker takes no message until it has room: make room")
    if down or parted:
        return wrong("nodes", "; ".join((*down, *parted)), "bring them back: quorum queues need more than half of them")
    return ok("nodes", f"{len(nodes)} running, no alarm")
