"""Who acts: handed to every service, so that permission and audit never need a global."""

from __future__ import annotations

from dataclasses import dataclass

from shared.permission import may, require

SYSTEM_ID = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person (or the system) with role, device if any, and language."""

    user_id: str
    role: str
    name: str = ""
    device_id: str = ""
    language: str = "en"

    def require(self, permission: str) -> None:
        """Refuse ``permission_missing`` unless the actor's role holds the permission."""
        if self.user_id != SYSTEM_ID:
            require(self.role, permission)

    def may(self, permission: str) -> bool:
        """Say whether the actor holds a permission."""
        return self.user_id == SYSTEM_ID or may(self.role, permission)

    @property
    def only_own(self) -> bool:
        """Whether the actor sees only customers assigned to them (no ``team.view``)."""
        return not self.may("team.view")


SYSTEM = Actor(SYSTEM_ID, "system", "Fieldtill")
