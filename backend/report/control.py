"""Control totals: equations that hold whatever happened, or somebody wrote beside the services."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger import queries as ledger
from backend.report import control_queries as facts
from backend.report.control_queries import Sums, flat, less, plus
from backend.sync import records
from shared.language import N_, _

# name -> the sentence that says what must be equal
EQUATIONS = {
    "ledger_zero": N_("All postings sum to zero"),
    "entries_zero": N_("Every entry sums to zero"),
    "receivable_documents": N_("Receivables = invoices − settlements − payments in force, by customer"),
    "receivable_invoices": N_("Receivables = open invoice amounts, by customer"),
    "unapplied": N_("Unapplied money = what no invoice took of payments in force, by customer"),
    "custody": N_("Cash and cheques in hand = what was taken, handed over and deposited, by person"),
    "transit": N_("On the way to the bank = deposits without a match"),
    "receipts": N_("Receipts for held money = in hand + on the way + arrived + count differences"),
    "bank": N_("Bank accounts = sums of their statement lines"),
    "unidentified": N_("Unidentified money = statement lines without a match"),
    "clearing": N_("Claims on channels = claimed payments without a match, by channel"),
    "claims": N_("Every match in force holds its line and its money, and nothing else is held"),
    "standing": N_("No match in force stands on a rejected or voided payment"),
    "feed": N_("What phones are shown = what is recorded"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One account (or record) on which the two sides differ; minor units, or counts."""

    key: str
    expected: int
    actual: int


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """One equation in one currency (empty: counts). ``expected`` from the facts, ``actual`` from the ledger."""

    name: str
    currency: str
    expected: int
    actual: int
    differences: tuple[Difference, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether both sides are equal, account by account."""
        return self.expected == self.actual and not self.differences

    @property
    def sentence(self) -> str:
        """What must be equal, in the language in force."""
        return _(EQUATIONS[self.name])


async def control_totals(reader: AsyncSession) -> list[ControlTotal]:
    """Work out every equation, one row a currency; all hold unless somebody wrote beside the services."""
    found = await _ledger_totals(reader) + await _money_totals(reader) + await _bank_totals(reader)
    found.append(await _claims_total(reader))
    found.append(await _standing_total(reader))
    found.append(await _feed_total(reader))
    order = list(EQUATIONS)
    return sorted(found, key=lambda one: (order.index(one.name), one.currency))


async def _ledger_totals(reader: AsyncSession) -> list[ControlTotal]:
    receivable = await facts.posted(reader, "receivable")
    crooked = {(entry_id, currency): amount for entry_id, currency, amount in await ledger.unbalanced_entries(reader)}
    currencies = [currency for _key, currency in flat(await facts.posted_absolute(reader))]
    return [
        *_compare("ledger_zero", {}, await facts.posted(reader, by_key=False), currencies),
        *_compare("entries_zero", {}, crooked, currencies),
        *_compare("receivable_documents", await facts.owed(reader), receivable),
        *_compare("receivable_invoices", await facts.posted_by_invoice(reader), receivable),
        *_compare("unapplied", await facts.unapplied(reader), _negative(await facts.posted(reader, "unapplied"))),
    ]


async def _money_totals(reader: AsyncSession) -> list[ControlTotal]:
    custody = await facts.posted(reader, "custody")
    transit = await facts.posted(reader, "transit")
    variance = await facts.posted(reader, "variance")
    arrived = await facts.deposited(reader, matched=True)
    somewhere = plus(flat(custody), transit, arrived, flat(variance))
    return [
        *_compare("custody", await facts.held(reader), custody),
        *_compare("transit", await facts.deposited(reader, matched=False), transit),
        *_compare("receipts", await facts.held_receipts(reader), somewhere),
    ]


async def _bank_totals(reader: AsyncSession) -> list[ControlTotal]:
    unidentified = _negative(await facts.posted(reader, "unidentified"))
    return [
        *_compare("bank", await facts.stated(reader), await facts.posted(reader, "bank")),
        *_compare("unidentified", await facts.stated(reader, unmatched=True), unidentified),
        *_compare("clearing", await facts.claimed(reader), await facts.posted(reader, "clearing")),
    ]


def _compare(name: str, expected: Sums, actual: Sums, currencies: list[str] | None = None) -> list[ControlTotal]:
    """Hold two sides against each other, account by account; one row for each currency that occurs."""
    wrong = less(actual, expected)
    every = sorted({currency for _key, currency in (*expected, *actual)} | set(currencies or ()))
    return [
        ControlTotal(
            name,
            currency,
            flat(expected).get(("", currency), 0),
            flat(actual).get(("", currency), 0),
            tuple(
                Difference(place[0], expected.get(place, 0), actual.get(place, 0))
                for place in sorted(wrong)
                if place[1] == currency
            ),
        )
        for currency in every
    ]


async def _claims_total(reader: AsyncSession) -> ControlTotal:
    """Count what matches in force hold; a claim for something else does not make up for a missing one."""
    wanted, fitting, others = await facts.claims(reader)
    sides = (Difference("match", wanted, fitting), Difference("other", 0, others))
    differences = tuple(one for one in sides if one.expected != one.actual)
    return ControlTotal("claims", "", wanted, fitting + others, differences)


async def _standing_total(reader: AsyncSession) -> ControlTotal:
    """Count the matches in force on each payment that was rejected or voided: there is none."""
    fallen = await facts.matched_fallen(reader)
    differences = tuple(Difference(one, 0, count) for one, count in sorted(fallen.items()))
    return ControlTotal("standing", "", 0, sum(fallen.values()), differences)


def _negative(sums: Sums) -> Sums:
    return {place: -amount for place, amount in sums.items()}


async def _feed_total(reader: AsyncSession) -> ControlTotal:
    """Count the rows that the feed should show, and how many it shows just so."""
    shown, every = await facts.feed_rows(reader), await facts.record_ids(reader)
    for _scope, kind, one in shown:
        every.setdefault(kind, set()).add(one)
    expected: dict[tuple[str, str, str], str] = {}
    for kind, ids in every.items():
        scopes = await records.scopes(reader, kind, ids)
        bodies = await records.bodies(reader, kind, ids)
        expected |= {(scopes[one], kind, one): body for one, body in bodies.items() if scopes.get(one)}
    wrong = sorted(place for place in {*expected, *shown} if expected.get(place) != shown.get(place))
    differences = tuple(Difference("/".join(place), int(place in expected), int(place in shown)) for place in wrong)
    return ControlTotal("feed", "", len(expected), len(shown), differences[:100])
