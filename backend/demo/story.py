"""The half year, day by day: who does what, in which order, and what goes wrong when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from backend.demo import field, office
from backend.demo.people import SALESPEOPLE
from shared.money import allocate

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.demo.phone import Phone
    from backend.demo.world import Debtor, Taken, World
    from shared.custody import HandOverGiven

DAYS = 182
_SUNDAY = 6
_MONDAY = 0
_PAYS_IN = (2, 5)  # Wednesday and Saturday
_FAR_AWAY = SALESPEOPLE[2].login


class Story:
    """The days from first to last; ``invoices`` documents are spread over them."""

    def __init__(self, world: World, *, days: int, invoices: int) -> None:
        """Know the frame; nothing happens yet."""
        self.world = world
        self.days = [world.today - timedelta(days=n) for n in reversed(range(days))]
        self._due = _spread(invoices, [day for day in self.days if self._works(day)])
        self._issued = self._decided_voids = 0
        self._fresh: list[Taken] = []  # recorded today
        self._claimed: list[Taken] = []  # still on a phone that was offline
        self._takings: list[Taken] = []  # at the office, waiting for the supervisor

    def _works(self, day: date) -> bool:
        return day.weekday() != _SUNDAY or day == self.world.today

    async def live(self, tell: Callable[[date], None]) -> None:
        """Live all days; ``tell`` hears of each one that has passed.

        One transaction holds a week: nobody else is there, and the change feed is then written once a week.
        """
        for start in range(0, len(self.days), 7):
            async with self.world.database.writing() as session:
                for day in self.days[start : start + 7]:
                    await self._day(session, day)
                    tell(day)

    async def _day(self, session: AsyncSession, day: date) -> None:
        if self._works(day):
            await self._morning(session, day)
            await self._evening(session, day)
        self.world.bank.own_business(day)
        self.world.bank.book(day)

    async def _morning(self, session: AsyncSession, day: date) -> None:
        """The office: goods go out, yesterday is approved and paid in; on Mondays the bank is read."""
        world, last = self.world, day == self.world.today
        world.set_time(day, 8, 30)
        if self._due[day]:
            first = self._issued + 1
            self._issued += self._due[day]
            deliveries = [office.deliver(world, day, number) for number in range(first, self._issued + 1)]
            await office.issue(world, session, day, deliveries)
        world.set_time(day, 9, 30)
        if not last:  # on the last morning the supervisor's queue still waits
            await office.decide(world, session, self._takings)
            self._takings = []
            await self._voids(session)
        await office.pay_in(world, session, day)
        if day.weekday() == _MONDAY or last:
            await self._reconcile(session, day)

    async def _voids(self, session: AsyncSession) -> None:
        """Decide on the voids that were asked for: every other one is right."""
        world, waiting = self.world, self.world.asked_voids
        for request_id, taken in waiting:
            self._decided_voids += 1
            reason = "" if self._decided_voids % 2 else "客户确认已付款，收据有效"
            await office.decide_void(world, session, request_id, taken, reason)
        waiting.clear()

    async def _reconcile(self, session: AsyncSession, day: date) -> None:
        """Read last week's statements with two days of overlap; the last fortnight is left to be reviewed."""
        world, yesterday = self.world, day - timedelta(days=1)
        world.set_time(day, 10)
        await office.read_statements(world, session, day - timedelta(days=9), yesterday)
        await office.undo_bounced(world, session, yesterday)
        if day < world.today - timedelta(days=12):
            await office.review(world, session)

    async def _evening(self, session: AsyncSession, day: date) -> None:
        """The field: visits all day, then phones push, cash is counted out, the cashier counts it in."""
        world = self.world
        given: list[HandOverGiven] = []
        for minutes, phone, debtor in self._route(day):
            world.set_time(day, 9, 45 + minutes)
            taken = field.collect(world, day, phone, debtor)
            self._ask_void(day, phone, taken)
            self._fresh.append(taken)
        world.set_time(day, 18)
        online = [phone for phone in world.phones.values() if day == world.today or not world.chance(4)]
        for phone in online:
            given += self._empty_pockets(day, phone)
        world.set_time(day, 18, 30)
        for phone in online:
            await field.push(world, session, phone)
        waits = 1 if day == world.today else 0  # the last one shows what the cashier sees before counting
        await office.receive(world, session, given[: len(given) - waits], short_minor=self._short(day))
        self._arrive(day, {phone.user_id for phone in online})

    def _route(self, day: date) -> list[tuple[int, Phone, Debtor]]:
        """Return the day's visits of all salespeople in the order of their times (minutes into the day)."""
        world = self.world
        visits = [(phone, debtor) for phone in world.phones.values() for debtor in field.calls(world, day, phone)]
        timed = [(world.dice.randrange(470), phone, debtor) for phone, debtor in visits]
        return sorted(timed, key=lambda visit: visit[0])

    def _arrive(self, day: date, pushed: set[str]) -> None:
        """Note what has reached the office, and let claimed money start on its way to the bank."""
        for taken in self._fresh:
            if taken.payment.method in ("transfer", "code"):
                self.world.bank.claim(taken, day)
        self._claimed += self._fresh
        self._fresh = []
        self._takings += [taken for taken in self._claimed if taken.payment.salesperson_id in pushed]
        self._claimed = [taken for taken in self._claimed if taken.payment.salesperson_id not in pushed]

    def _empty_pockets(self, day: date, phone: Phone) -> list[HandOverGiven]:
        """Hand over to the cashier on most evenings; the one far away pays in at a bank on Wednesdays and Saturdays."""
        world = self.world
        if phone.person.login == _FAR_AWAY and day != world.today:
            for made in field.pay_in(world, phone, day) if day.weekday() in _PAYS_IN else ():
                world.bank.deposit(made, day)
            return []
        return field.count_out(world, phone) if day == world.today or world.chance(85) else []

    def _ask_void(self, day: date, phone: Phone, taken: Taken) -> None:
        """Now and then, and on the last day again, a payment that never was is noticed and its void asked for."""
        if not taken.arrives and (day == self.world.today or self.world.chance(40)):
            field.ask_void(self.world, phone, taken, "付款未成功，客户要求重新开收据")

    def _short(self, day: date) -> int:
        """Twice in the story a banknote is missing when the cashier counts."""
        return 5_000 if day in (self.days[len(self.days) // 3], self.days[-len(self.days) // 8]) else 0


def _spread(count: int, days: list[date]) -> dict[date, int]:
    """Spread documents evenly over working days."""
    parts = allocate(count, [1] * len(days))
    return dict(zip(days, parts, strict=True))
