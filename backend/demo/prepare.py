"""Making the demo's data: the company, its people, phones and customers, then their half year."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from backend.auth import people as auth
from backend.auth.actor import SYSTEM, Actor
from backend.bank import service as bank
from backend.company import service as company
from backend.customer import service as customer
from backend.demo.bank_disorder import MAPPING, Bank
from backend.demo.catalogue import shops
from backend.demo.people import (
    ACCOUNTS,
    ADMIN,
    CARRY_LIMIT_MINOR,
    COMPANY,
    CREDIT,
    CURRENCY,
    METHODS,
    MONTH_TARGET_MINOR,
    PASSWORD,
    PAYCODE,
    PEOPLE,
    RECONCILER,
    SALESPEOPLE,
    ZONE,
)
from backend.demo.phone import Phone
from backend.demo.story import DAYS, Story
from backend.demo.world import Debtor, World, new_clock
from backend.incentive import service as incentive
from backend.sync import service as sync
from sync.message import EnrolRequest
from sync.signing import new_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.database import Database

SEED = 20260701


@dataclass(frozen=True, slots=True)
class Size:
    """How much happens; the tests live a smaller demo than the one that is shown."""

    customers: int = 150
    invoices: int = 900
    days: int = DAYS


async def is_prepared(database: Database) -> bool:
    """Say whether a company is there already."""
    async with database.reading() as reader:
        return await company.is_installed(reader)


async def prepare(
    database: Database,
    *,
    now: datetime,
    language: str = "zh_CN",
    size: Size | None = None,
    seed: int = SEED,
    tell: Callable[[date, int], None] = lambda _day, _days: None,
) -> None:
    """Live the demo up to ``now`` in an empty database whose schema is there; ``tell`` hears each day, of how many."""
    size = size or Size()
    dice = Random(seed)  # noqa: S311 - a demo's dice, thrown the same each time
    zone = ZoneInfo(ZONE)
    first = date.fromordinal(now.astimezone(zone).date().toordinal() - size.days + 1)
    world = World(database, dice, new_clock(first), now, zone, Bank(dice))
    async with database.writing() as session:
        await open_company(world, session, first, language)
        await hand_out_phones(world, session)
        await open_customers(world, session, size.customers)
    with _no_collector():
        await Story(world, days=size.days, invoices=size.invoices).live(lambda day: tell(day, size.days))


@contextmanager
def _no_collector() -> Iterator[None]:
    """Let the garbage collector rest: it finds nothing in the story's many rows, and takes a sixth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def open_company(world: World, session: AsyncSession, first: date, language: str) -> None:
    """Found the company: settings, people, bank accounts, the plan of incentives."""
    world.set_time(first, 7)
    await company.install(
        session,
        world.clock,
        name=COMPANY,
        zone=ZONE,
        currency=CURRENCY,
        carry_limit_minor=CARRY_LIMIT_MINOR,
        month_target_minor=MONTH_TARGET_MINOR,
        methods=METHODS,
        paycode=PAYCODE,
    )
    for person in PEOPLE:
        id = await auth.add_user(
            session,
            SYSTEM,
            world.clock,
            login=person.login,
            name=person.name,
            role=person.role,
            password=PASSWORD,
            language=language,
        )
        world.actors[person.login] = Actor(id, person.role, person.name, language=language)
    admin = world.actors[ADMIN.login]
    for account in ACCOUNTS:
        world.accounts[account.number] = await bank.add_account(
            session, admin, world.clock, name=account.name, number=account.number, currency=CURRENCY
        )
        await bank.save_profile(
            session,
            world.actors[RECONCILER.login],
            world.clock,
            account_id=world.accounts[account.number],
            mapping=MAPPING,
        )
    await incentive.add_plan(
        session,
        admin,
        world.clock,
        valid_from=first,
        currency=CURRENCY,
        rate_bp=80,
        on_time_bp=40,
        target_minor=MONTH_TARGET_MINOR,
        target_bonus_minor=50_000,
    )


async def hand_out_phones(world: World, session: AsyncSession) -> None:
    """Give each salesperson a phone: a code from the administrator, a key of its own."""
    for person in SALESPEOPLE:
        code = await sync.issue_code(
            session, world.actors[ADMIN.login], world.clock, world.actors[person.login].user_id
        )
        private_key, public_key = new_key()
        request = EnrolRequest(public_key, code, device_name=f"{person.name}的手机", app_version="demo")
        answer = await sync.enrol(session, None, world.clock, request)
        world.phones[person.login] = Phone(person, answer, private_key)


async def open_customers(world: World, session: AsyncSession, count: int) -> None:
    """Let credit control open the customers, each with its salesperson."""
    for n, shop in enumerate(shops(world.dice, count)):
        person = SALESPEOPLE[n % len(SALESPEOPLE)]
        id = await customer.add(
            session,
            world.actors[CREDIT.login],
            world.clock,
            number=shop.number,
            name=shop.name,
            salesperson_id=world.actors[person.login].user_id,
            class_code=shop.class_code,
            phone=shop.phone,
            address=shop.address,
            contact=shop.contact,
            terms_days=shop.terms_days,
            limit_minor=shop.limit_minor,
            currency=CURRENCY,
        )
        world.debtors.append(Debtor(id, shop, person))
