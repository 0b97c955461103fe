"""A customer as a salesperson carries it, and how one is found by name, number or pinyin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """Who owes the money; ``pinyin`` is made by the server (full syllables, space, initials; lower case)."""

    id: str
    number: str
    name: str
    pinyin: str = ""
    class_code: str = "B"
    phone: str = ""
    address: str = ""
    contact: str = ""
    terms_days: int = 30
    limit_minor: int = 0
    currency: str = "CNY"
    salesperson_id: str = ""
    on_hold: bool = False


def search_key(number: str, name: str, pinyin: str, phone: str = "") -> str:
    """Return the one lower-case text that a search looks into."""
    return " ".join(part.lower() for part in (number, name, pinyin, phone) if part)


def found_by(key: str, query: str) -> bool:
    """Say whether every word of a query occurs in a search key (case-blind)."""
    return all(word in key for word in query.lower().split())
