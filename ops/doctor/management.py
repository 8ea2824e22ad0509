"""Checks what the broker's management interface says: who we are, its nodes, and its topology."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ops.access.broker import permissions
from ops.access.management import ManagementError
from ops.access.published import published_definitions
from ops.broker_access import Access
from ops.doctor.check import Check, listed, not_checked, ok, warning, wrong
from ops.doctor.topology import KINDS, check_topology
from ops.queues.management import asked
from shared.integrations import load_integrations
from shared.messaging.delivery import OPERATOR


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
    return [*checks, *check_topology(published_definitions(), found)]


def _unknown(why: str) -> list[Check]:
    return [not_checked(kind, why) for kind in KINDS]


def _user(who: Mapping[str, Any]) -> Check:
    issued, tags = permissions(load_integrations())[OPERATOR].tags, who.get("tags", ())
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
