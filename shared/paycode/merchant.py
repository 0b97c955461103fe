"""The merchant of an EMVCo code, as a company's settings state it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared.money import exponent
from shared.paycode.tlv import read, write
from shared.refusal import Refused

_ASCII = re.compile(r"[ -~]+")


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who is paid. ``account`` is the value of ``tag``: scheme-issued text (02–25) or a template (26–51)."""

    tag: str
    account: str
    category: str
    currency: str
    country: str
    name: str
    city: str
    local_name: str = ""
    local_city: str = ""
    language: str = ""
    store: str = ""

    @classmethod
    def read(cls, settings: Mapping[str, str]) -> Merchant:
        """Read a company's ``paycode`` settings; refuses ``paycode_setting`` with the key named.

        Keys: ``tag`` ("02"–"51"); the account itself as ``value``, or for tags from 26 as sub-fields ``sub.00``
        (globally unique id), ``sub.01`` …; ``mcc`` (four digits, "0000" when absent); ``currency``; ``country``
        (two letters); ``name`` (25) and ``city`` (15) in ASCII; for the customer's own script ``language`` (two
        letters) with ``local_name`` (25) and ``local_city`` (15); ``store`` (25), such as the branch.
        """
        merchant = cls(
            tag=settings.get("tag", ""),
            account=_account(settings),
            category=settings.get("mcc", "0000"),
            currency=settings.get("currency", ""),
            country=settings.get("country", ""),
            name=settings.get("name", ""),
            city=settings.get("city", ""),
            local_name=settings.get("local_name", ""),
            local_city=settings.get("local_city", ""),
            language=settings.get("language", ""),
            store=settings.get("store", ""),
        )
        _check(merchant)
        return merchant

    @property
    def local(self) -> list[tuple[str, str]]:
        """The language template (64), empty where the merchant has one script only."""
        if not self.language:
            return []
        city = [("02", self.local_city)] if self.local_city else []
        return [("64", write([("00", self.language.upper()), ("01", self.local_name), *city]))]


def _account(settings: Mapping[str, str]) -> str:
    if "value" in settings:
        return settings["value"]
    parts = sorted((key[4:], value) for key, value in settings.items() if key.startswith("sub."))
    try:
        return write(parts)
    except Refused as refused:
        raise Refused("paycode_setting", field=f"sub.{refused.values['field']}") from None


def _check(merchant: Merchant) -> None:
    local = 1 if merchant.language else 0
    for key, right in (
        ("tag", bool(re.fullmatch("[0-9]{2}", merchant.tag)) and "02" <= merchant.tag <= "51"),
        ("value", _account_is_right(merchant)),
        ("mcc", bool(re.fullmatch("[0-9]{4}", merchant.category))),
        ("country", bool(re.fullmatch("[A-Z]{2}", merchant.country))),
        ("name", len(merchant.name) <= 25 and bool(_ASCII.fullmatch(merchant.name))),
        ("city", len(merchant.city) <= 15 and bool(_ASCII.fullmatch(merchant.city))),
        ("language", not merchant.language or bool(re.fullmatch("[A-Za-z]{2}", merchant.language))),
        ("local_name", local <= len(merchant.local_name) <= 25),
        ("local_city", len(merchant.local_city) <= 15),
        ("store", not merchant.store or (len(merchant.store) <= 25 and bool(_ASCII.fullmatch(merchant.store)))),
    ):
        if not right:
            raise Refused("paycode_setting", field=key)
    exponent(merchant.currency)


def _account_is_right(merchant: Merchant) -> bool:
    if not 1 <= len(merchant.account) <= 99:
        return False
    if merchant.tag < "26":
        return True
    try:
        return read(merchant.account)[0].id == "00"
    except Refused:
        return False
