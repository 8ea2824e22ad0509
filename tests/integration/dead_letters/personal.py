"""A dossier that names somebody, and a queue for it to be a dead letter in."""

from typing import Any

from tests.integration.dossiers import new_dossier

#: A queue whose dead letters no other test makes.
QUIET = "notifications.dossier-rejected"
PERSONAL = ("024 3383 0000", "lan@example.vn", "Nguyễn Thị Lan")


def personal_dossier() -> dict[str, Any]:
    """Return a dossier with all of `PERSONAL`."""
    phone, email, name = PERSONAL
    dossier = new_dossier(name="Trà hoa cúc", description=f"Gọi {phone}, {email}")
    dossier["producer"] |= {
        "name": name,
        "registration_number": "01Y8001234",
        "contact": {"phone": phone, "email": email, "language": "vi"},
    }
    return dossier
