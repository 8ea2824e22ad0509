"""One more integration: into the file, with a password, onto the broker. Repeated, it goes on where it ended."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ops.access.applying import apply_to_broker, definitions_of, users_on_broker
from ops.access.credentials import Issued, as_issued, folder_of, issue_urls, load
from ops.access.entry import Entry, append
from ops.access.installation import Installation
from ops.access.places import require_known_places
from ops.access.published import publish
from ops.typed import reading_secret
from shared.errors import SettingsError
from shared.integrations import FILE, Integration, load_integrations, user_of
from shared.scope_file import LOOK_SECONDS
from shared.scopes import MAY_FILE

#: seconds after a change of the file until every service goes by it: the second look finds it the same
_SETTLED_SECONDS = 2 * LOOK_SECONDS


def add(new: Entry, where: Installation, *, wait: Callable[[float], None] = time.sleep) -> Iterator[str]:
    """Connect an integration, and yield in a line each what was done.

    First whatever can be wrong is looked at, then the services get its scope, and at last the broker lets it in: what
    is filed without a scope is turned back for good.

    Raises:
        SettingsError: it is there with another scope, a place is not in force, or a file cannot be used.
        ManagementError: the broker does not answer, or refuses.
        OSError: the passwords cannot be written.
    """
    load_integrations(where.integrations)
    require_known_places({new.name: new.integration}, where.integrations)
    issued = _issued(where.secrets)
    users_on_broker(where)  # before anything is written: the broker answers, and takes the administrator
    yield from _write(new, where.integrations)
    users = {*map(user_of, load_integrations(where.integrations))}
    issue_urls(where.secrets, users - load(where.secrets).keys(), issued)
    since_written = time.time() - where.integrations.stat().st_mtime
    wait(min(max(0.0, _SETTLED_SECONDS - since_written), _SETTLED_SECONDS))
    yield from apply_to_broker(where, definitions_of(where))
    url = folder_of(where.secrets, user_of(new.name)) / "ocop_amqp_url"
    yield f"Its URL, which holds its password: {reading_secret(url)}"


def in_words(name: str, integration: Integration) -> str:
    """Say who an integration is, what it may file, and what it sees of its places whoever filed."""
    may_file = ", ".join(kind.name for kind in MAY_FILE if kind not in integration.may_not_file)
    sees = ", ".join(kind.name for kind in integration.sees)
    return f"{user_of(name)}: {integration.scope}; files {may_file or 'nothing'}; sees {sees or 'nothing'}"


def _issued(secrets: Path) -> Issued:
    found = as_issued(secrets)
    if found is None:
        raise SettingsError(f"{secrets} has no passwords yet: ocop access issue makes them")
    return found


def _write(new: Entry, file: Path) -> Iterator[str]:
    """Write it into the file, unless it is there already, and what is published of it beside the code."""
    there = load_integrations(file).get(new.name)
    if there not in {None, new.integration}:
        raise SettingsError(f"{file}: {new.name} is there, otherwise. Change it there, then ocop access apply")
    if there is None:
        append(file, new)
        yield f"{file}: {new.name} is written"
    else:
        yield f"{file}: {new.name} is there already"
    if file.samefile(FILE):
        publish()
    yield in_words(new.name, new.integration)
