"""What one national scheme makes of an EMVCo code: its words, its fixed fields, and what it demands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from shared.money import exponent
from shared.paycode import emv
from shared.paycode.ask import Ask
from shared.paycode.currency import letters, numeric
from shared.paycode.words import Words, amount_of, texts
from shared.refusal import Refused


def _same(text: str) -> str:
    return text


class Word(NamedTuple):
    """A word's place in the code ("@" = the scheme's account template), its form there, and how it is turned."""

    path: str
    form: str = r"[ -~]{1,99}"
    write: Callable[[str], str] = _same
    read: Callable[[str], str] = _same


# The words of every EMVCo code; a profile adds its own and may move one ("reference") or change how it is written.
COMMON = {
    "mcc": Word("52", "[0-9]{4}"),
    "currency": Word("53", "[0-9]{3}", numeric, letters),
    "amount": Word("54"),
    "country": Word("58", "[A-Z]{2}"),
    "name": Word("59", "[ -~]{1,25}"),
    "city": Word("60", "[ -~]{1,15}"),
    "postal_code": Word("61", "[ -~]{1,10}"),
    "bill": Word("62.01", "[ -~]{1,25}"),
    "store": Word("62.03", "[ -~]{1,25}"),
    "reference": Word("62.05", "[ -~]{1,25}"),
    "customer": Word("62.06", "[ -~]{1,25}"),
    "terminal": Word("62.07", "[ -~]{1,25}"),
    "purpose": Word("62.08", "[ -~]{1,25}"),
    "language": Word("64.00", "[A-Z]{2}", str.upper),
    "local_name": Word("64.01", ".{1,25}"),
    "local_city": Word("64.02", ".{1,15}"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One scheme. ``ids`` are the globally unique ids (lower case) that mark its templates by tag ("@" = any of 26-51).

    Without such an id the country and currency tell (``by_country``). ``demands`` are groups of paths of which one
    each must be there, ``dynamic_demands`` those of a code made for one payment; ``fixed`` is written where nothing
    else is said. ``initiation`` says whether field 01 is written by itself; ``trims`` drops ".00" from whole amounts.
    ``infer`` adds words to those given, ``prepare`` adds words to a company's settings.
    """

    scheme: str
    country: str = ""
    currencies: tuple[str, ...] = ()
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tag: str = ""
    own: Mapping[str, Word] = field(default_factory=dict)
    by_country: bool = False
    demands: tuple[tuple[str, ...], ...] = ()
    dynamic_demands: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    initiation: bool = True
    trims: bool = False
    infer: Callable[[Words], Words] = lambda _words: {}
    prepare: Callable[[Mapping[str, str], Ask], Mapping[str, str]] = lambda _settings, _ask: {}

    @property
    def words(self) -> dict[str, Word]:
        """Every word of the scheme; its own take the places of the common ones."""
        return _words(self)

    def matches(self, paths: Mapping[str, str]) -> bool:
        """Say whether a code is of this scheme."""
        if not self.country or any(self._template(tag, paths) for tag in self.ids):
            return True
        here = paths.get("58") == self.country and letters(paths.get("53", "")) in self.currencies
        return self.by_country and here

    def check(self, paths: Mapping[str, str]) -> None:
        """Refuse ``paycode_unreadable`` naming the path that breaks what the scheme demands."""
        more = self.dynamic_demands if paths.get("01") == "12" else ()
        tag = self._tag(paths)
        for group in (*self.demands, *((path,) for path in more)):
            at = [_at(path, tag) for path in group]
            if not any(paths.get(path) for path in at):
                raise Refused("paycode_unreadable", place=at[0])
        if self.country:
            _demand("58", paths["58"] == self.country)
            currency = letters(paths["53"])
            _demand("53", currency in self.currencies)
            _demand("54", len(paths.get("54", "").partition(".")[2].rstrip("0")) <= exponent(currency))
        for word in self.own.values():
            path = _at(word.path, tag)
            _demand(path, path not in paths or bool(re.fullmatch(word.form, paths[path])))

    def decode(self, paths: Mapping[str, str]) -> dict[str, object]:
        """Return the words of a code that matches, then all its values by path as ``fields``."""
        self.check(paths)
        tag = self._tag(paths)
        found: dict[str, object] = {}
        for name, word in _words(self).items():
            value = word.read(paths.get(_at(word.path, tag), ""))
            if value:
                found[name] = value
        return {**found, "fields": dict(paths)}

    def encode(self, words: Words) -> str:
        """Make a code of words, over ``fields`` or over the code ``static`` (which becomes dynamic by an amount).

        Refuses ``paycode_field`` naming the word, and amounts as ``words.amount_of`` does.
        """
        paths = _given(words)
        try:
            return self._encode(paths, words)
        except Refused as refused:
            if refused.code not in ("paycode_field", "paycode_unreadable"):
                raise
            place = str(refused.values.get("place") or refused.values.get("field"))
            raise Refused("paycode_field", field=self._word_at(place, paths)) from None

    def from_settings(self, settings: Mapping[str, str], ask: Ask) -> str:
        """Make a code for an exact amount from a company's settings, whose keys are the scheme's words.

        Refuses ``currency_mismatch``, and ``paycode_setting`` with the key named.
        """
        if self.currencies:
            ask.must_be_in(*self.currencies)
        amount = ask.amount.removesuffix(".00") if self.trims else ask.amount
        if len(amount) > 13:
            raise Refused("amount_too_large", text=amount)
        own = {key: value for key, value in settings.items() if key != "scheme"}
        asked = {"currency": ask.currency, "amount": amount, "reference": ask.plain_reference}
        try:
            return self.encode({**own, **asked, **self.prepare(settings, ask)})
        except Refused as refused:
            if refused.code == "paycode_field":
                raise Refused("paycode_setting", field=refused.values["field"]) from None
            raise

    def _encode(self, paths: dict[str, str], words: Words) -> str:
        whole = "00" in paths
        own = {word: value for word, value in words.items() if word not in ("fields", "static", "scheme")}
        given = texts({**self.infer(own), **own}, self.words)
        changed = {name for name, text in given.items() if self._put(paths, name, text)}
        if "amount" in changed:
            amount_of(given["amount"], letters(paths.get("53", "")) or self._currency(paths))
            if whole:
                insert(paths, "01", "12")
        if not whole:
            self._complete(paths)
        payload = emv.encode_paths(paths)
        read = emv.decode(payload).paths
        _demand("scheme", self.matches(read))
        self.check(read)
        return payload

    def _put(self, paths: dict[str, str], name: str, text: str) -> bool:
        """Set a word; say whether that changed the code."""
        word = self.words[name]
        path = _at(word.path, self._tag(paths))
        if path in paths and text in (paths[path], word.read(paths[path])):
            return False
        value = word.write(text)
        if name != "amount" and not re.fullmatch(word.form, value):
            raise Refused("paycode_field", field=name)
        insert(paths, path, value)
        return True

    def _complete(self, paths: dict[str, str]) -> None:
        for tag, ids in self.ids.items():
            at = _at(tag, self.tag)
            if any(path.startswith(f"{at}.") for path in paths) and f"{at}.00" not in paths:
                insert(paths, f"{at}.00", _written(ids[0]))
        fixed = {"53": numeric(self.currencies[0]), "58": self.country} if self.country else {}
        initiation = {"01": "12" if "54" in paths else "11"} if self.initiation else {}
        for path, value in {"00": "01", **initiation, **fixed, **self.fixed}.items():
            at = _at(path, self.tag)
            if at not in paths:
                insert(paths, at, value)

    def _currency(self, paths: Mapping[str, str]) -> str:
        if "53" in paths or not self.currencies:
            raise Refused("paycode_field", field="currency")
        return self.currencies[0]

    def _tag(self, paths: Mapping[str, str]) -> str:
        """Return the tag of the scheme's account template: where the code has it, else where it is written."""
        return ("@" in self.ids and self._template("@", paths)) or self.tag

    def _template(self, tag: str, paths: Mapping[str, str]) -> str:
        """Return the tag of the template that carries one of the scheme's ids, or ""."""
        tags = [tag] if tag != "@" else [path[:2] for path in paths if path[2:] == ".00" and "26" <= path[:2] <= "51"]
        return next((one for one in tags if paths.get(f"{one}.00", "").lower() in self.ids[tag]), "")

    def _word_at(self, path: str, paths: Mapping[str, str]) -> str:
        if path == "26":  # no account at all
            return next((name for name, word in self.own.items() if word.path[0] == "@" or word.path < "52"), path)
        tag = self._tag(paths)
        return next((name for name, word in self.words.items() if _at(word.path, tag) == path), path)


@cache
def _words(profile: Profile) -> dict[str, Word]:
    taken = {word.path for word in profile.own.values()}
    return {**{name: word for name, word in COMMON.items() if word.path not in taken}, **profile.own}


def _at(path: str, tag: str) -> str:
    return tag + path[1:] if path[0] == "@" else path


def insert(paths: dict[str, str], path: str, value: str) -> None:
    """Set a value; a new one goes before the first path at its level that comes after it."""
    if path in paths:
        paths[path] = value
        return
    parent = path[:-2]
    level = [one for one in paths if one.startswith(parent)] if parent else []
    later = [one for one in (level or paths) if one > path]
    order = list(paths)
    if later:
        at = order.index(later[0])
    elif level:
        at = order.index(level[-1]) + 1
    else:
        at = len(order)
    items = list(paths.items())
    paths.clear()
    paths.update([*items[:at], (path, value), *items[at:]])


def _given(words: Words) -> dict[str, str]:
    static, fields = words.get("static"), words.get("fields") or {}
    if static:
        if not isinstance(static, str) or fields:
            raise Refused("paycode_field", field="static")
        try:
            return emv.decode(static).paths
        except Refused:
            raise Refused("paycode_field", field="static") from None
    if not isinstance(fields, Mapping) or not all(isinstance(value, str) for value in fields.values()):
        raise Refused("paycode_field", field="fields")
    return {str(path): value for path, value in fields.items()}


def _demand(place: str, right: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not right:
        raise Refused("paycode_unreadable", place=place)


_SPELLED = {"br.gov.bcb.pix": "br.gov.bcb.pix", "hk.com.hkicl": "hk.com.hkicl", "ph.ppmi.p2m": "ph.ppmi.p2m"}


def _written(id: str) -> str:
    """Write an id as its scheme spells it: reverse domains of Brazil, Hong Kong and the Philippines in lower case."""
    return _SPELLED.get(id, id.upper())
