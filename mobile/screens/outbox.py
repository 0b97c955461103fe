"""The outbox: money that only this phone knows of, each record with its reason and next step."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

from mobile import theme
from mobile.guard import screen
from mobile.session import Phone, explain, use_phone, use_stored
from mobile.store import notice, operation
from mobile.store.notice import Notice
from mobile.store.operation import OutboxRow, Unsent
from mobile.widgets.parts import (
    card,
    empty,
    figure,
    line,
    loading,
    money,
    named,
    primary,
    quiet,
    section,
    state_colour,
    strong,
    text,
)
from mobile.widgets.shell import shell
from mobile.wording import MEANINGS, NOTICES, RECORDS, STATES, moment_text, word
from shared.language import _, ngettext
from shared.money import money_text
from shared.refusal import sentence


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Everything the screen shows, read in one go."""

    unsent: Unsent
    rows: tuple[OutboxRow, ...]
    notices: tuple[Notice, ...]


async def read_outgoing(phone: Phone) -> Outgoing:
    """Read the outbox from the store."""
    return Outgoing(
        await operation.unsent(phone.database),
        tuple(await operation.outbox(phone.database)),
        tuple(await notice.latest(phone.database)),
    )


@screen
def Outbox() -> ft.View:
    """Show what is unsent and why; syncing now is the one action."""
    phone = use_phone()
    ft.use_state(phone.sync)
    outgoing = use_stored(lambda: read_outgoing(phone))
    if outgoing is None:
        return shell(phone, _("Outbox"), [loading()], route="/outbox", back="/")

    async def sync_now() -> None:
        if phone.sync.failure == "auth":
            phone.state.gate = "sign_in"
            return
        phone.wake()

    waiting = [one for one in outgoing.rows if one.status == "unsent" or one.verdict == "quarantined"]
    done = [one for one in outgoing.rows if one not in waiting]
    body: list[ft.Control] = [_head(phone, outgoing.unsent)]
    body += [_row(phone, one) for one in waiting] or [
        empty(
            "outbox.empty",
            ft.Icons.CLOUD_DONE_OUTLINED,
            _("Everything is sent"),
            _("New payments wait here until the server has them."),
        )
    ]
    if outgoing.notices:
        body.append(section(_("From the office"), *(_notice(phone, one) for one in outgoing.notices)))
    if done:
        body.append(section(_("Sent lately"), *(_row(phone, one) for one in done)))
    label = (
        _("Syncing…") if phone.sync.running else _("Sign in again") if phone.sync.failure == "auth" else _("Sync now")
    )
    button = primary("outbox.sync", label, phone.on(sync_now), icon=ft.Icons.SYNC, disabled=phone.sync.running)
    return shell(phone, _("Outbox"), body, route="/outbox", back="/", actions=[ft.Container(button, expand=True)])


def _head(phone: Phone, unsent: Unsent) -> ft.Control:
    currency, zone = phone.state.company.currency, phone.state.company.zone
    controls: list[ft.Control] = [
        quiet(_("Not sent yet")),
        named(
            "outbox.unsent",
            figure(money_text(unsent.money_minor, currency), theme.WAITING if unsent.count else None),
        ),
    ]
    if unsent.count:
        since = _("since %(moment)s", moment=moment_text(unsent.since_ms, zone))
        controls.append(quiet(ngettext("%(count)s record", "%(count)s records", unsent.count) + f" · {since}"))
    if phone.sync.failure:
        nothing_lost = _("Everything stays on this phone and is sent by itself.")
        controls.append(named("outbox.failure", text(f"{phone.sync.failure_text} {nothing_lost}", 13, theme.WAITING)))
    if phone.sync.synced_at_ms:
        controls.append(quiet(_("Last synced %(moment)s", moment=moment_text(phone.sync.synced_at_ms, zone)), 12))
    return card(*controls)


def _row(phone: Phone, one: OutboxRow) -> ft.Control:
    state = one.verdict if one.verdict in {"held", "quarantined"} else "unsent" if one.status == "unsent" else "sent"
    what, next_step = explain(one.code, one.what, one.next)
    reason = " ".join(part for part in (what, next_step) if part) if state in {"held", "quarantined"} else ""
    words = reason or word(MEANINGS, state) if state != "sent" else ""
    controls: list[ft.Control] = [
        line(
            ft.Column([strong(word(RECORDS, one.kind), 14), quiet(one.title, 13)], spacing=0, tight=True),
            money(one.amount_minor, one.currency, 15) if one.currency else ft.Container(),
        ),
        line(
            text(word(STATES, state), 12, state_colour(state)),
            quiet(moment_text(one.device_time_ms, phone.state.company.zone), 12),
        ),
    ]
    if words:
        controls.append(quiet(words, 13))
    return card(*controls, identifier=f"outbox.row.{one.seq}", padding=12)


def _notice(phone: Phone, one: Notice) -> ft.Control:
    values: dict[str, object] = {"number": "", "reason": "", "applied": "", "intended": "", **one.values}
    words = (
        sentence(NOTICES[one.code], values) if one.code in NOTICES else " ".join(explain(one.code, "", "")) or one.code
    )
    moment = quiet(moment_text(one.at_ms, phone.state.company.zone), 12)
    return card(text(words, 14), moment, identifier=f"notice.{one.code}", padding=12)
