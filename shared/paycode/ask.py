"""What a payment code asks for: amount, reference, moment, and the device that can sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.ident import is_rf_reference
from shared.money import decimal_text
from shared.refusal import Refused


@dataclass(frozen=True, slots=True)
class Signer:
    """A device's Ed25519 key, kept elsewhere: ``sign`` takes bytes and returns the signature as 128 hex digits."""

    collector: str
    public_key: str
    sign: Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Ask:
    """One exact amount with the ISO 11649 reference that the matching finds again on the bank's statement."""

    amount_minor: int
    currency: str
    reference: str
    now_ms: int
    request_id: str = ""
    signer: Signer | None = None

    def __post_init__(self) -> None:
        """Refuse ``amount_not_positive`` and ``reference_invalid``."""
        if self.amount_minor <= 0:
            raise Refused("amount_not_positive")
        if not is_rf_reference(self.reference):
            raise Refused("reference_invalid", reference=self.reference[:30])

    @property
    def amount(self) -> str:
        """The amount as a plain decimal."""
        return decimal_text(self.amount_minor, self.currency)

    @property
    def plain_reference(self) -> str:
        """The reference without spaces, in capitals."""
        return self.reference.replace(" ", "").upper()

    def must_be_in(self, *currencies: str) -> None:
        """Refuse ``currency_mismatch`` when the scheme cannot carry the currency."""
        if self.currency not in currencies:
            raise Refused("currency_mismatch", expected="/".join(currencies), got=self.currency[:12])
