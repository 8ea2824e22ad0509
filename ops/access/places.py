"""Whether the places of scopes are units in force: a mistyped code would be a scope in which nothing lies."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from services.registry.units import COMMUNES, PROVINCES
from shared.errors import SettingsError
from shared.integrations import FILE, Integration
from shared.scopes import EVERYWHERE


def require_known_places(integrations: Mapping[str, Integration], file: Path = FILE) -> None:
    """Make sure that every place of every scope is in force. Raise SettingsError, a line for each that is not."""
    if faults := [f"{file}: {fault}" for fault in _faults(integrations)]:
        raise SettingsError("\n".join(faults))


def _faults(integrations: Mapping[str, Integration]) -> Iterator[str]:
    for name, integration in integrations.items():
        for place in sorted(integration.scope.places - {EVERYWHERE}):
            if not _is_in_force(place):
                yield f"{name}.scope: no province or commune in force has the code {place}"


def _is_in_force(place: str) -> bool:
    province, _, commune = place.partition("-")
    if not commune:
        return int(province) in PROVINCES
    found = COMMUNES.get(int(commune))
    return found is not None and found.province_code == int(province)
