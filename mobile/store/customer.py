"""Customers as this phone knows them: found by name, number or pinyin, with what they owe now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mobile.store.database import Connection, Database, Row, row, rows
from shared.customer import Customer

PAGE = 50
# Pending payments lower the balance as a whole: what no invoice took is unapplied money, which is the customer's too.
_OWED = """
    WITH owed AS (
        SELECT customer_id,
            sum(CASE WHEN open_minor < 0 THEN open_minor ELSE max(left_minor, 0) END) AS left_sum,
            sum(open_minor) AS open_sum,
            sum(CASE WHEN due_on < :today AND left_minor > 0 THEN left_minor ELSE 0 END) AS overdue_sum,
            min(CASE WHEN left_minor > 0 THEN due_on END) AS oldest_due,
            sum(left_minor > 0) AS invoices
        FROM invoice_open GROUP BY customer_id),
    taken AS (SELECT customer_id, sum(amount_minor) AS taken_sum FROM pending_collection GROUP BY customer_id)
    SELECT c.id, c.number, c.name, c.class_code, c.currency, c.on_hold, c.gone,
        coalesce(o.open_sum, 0) - c.unapplied_minor - coalesce(t.taken_sum, 0) AS balance_minor,
        coalesce(o.overdue_sum, 0) AS overdue_minor, o.oldest_due AS oldest_due, coalesce(o.invoices, 0) AS invoices
    FROM customer c LEFT JOIN owed o ON o.customer_id = c.id LEFT JOIN taken t ON t.customer_id = c.id
"""


@dataclass(frozen=True, slots=True)
class Owing:
    """One customer in a list: who, what they owe, and how late it is."""

    id: str
    number: str
    name: str
    class_code: str
    currency: str
    on_hold: bool
    gone: bool
    balance_minor: int
    overdue_minor: int
    oldest_due: date | None
    invoices: int


async def search(
    database: Database, today: date, query: str = "", *, overdue: bool = False, after: str = "", limit: int = PAGE
) -> list[Owing]:
    """Return customers in order of their number after a given number; every word of the query must be found."""
    where = ["c.number > :after"]
    values: dict[str, object] = {"today": today.isoformat(), "after": after, "limit": limit}
    for index, word in enumerate(query.lower().split()[:6]):
        where.append(f"c.search LIKE :w{index} ESCAPE '!'")
        values[f"w{index}"] = "%" + word.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    if overdue:
        where.append("o.overdue_sum > 0")
    sql = f"{_OWED} WHERE {' AND '.join(where)} ORDER BY c.number LIMIT :limit"
    async with database.reading() as connection:
        return [_owing(found) for found in await rows(connection, sql, values)]


async def owing(database: Database, today: date) -> list[Owing]:
    """Return every customer with an open invoice: what the day's work is chosen from."""
    async with database.reading() as connection:
        found = await rows(connection, f"{_OWED} WHERE o.invoices > 0", {"today": today.isoformat()})
    return [_owing(one) for one in found]


async def count(database: Database) -> int:
    """Count the customers on this phone."""
    async with database.reading() as connection:
        found = await row(connection, "SELECT count(*) AS n FROM customer")
    return int(found["n"]) if found else 0


async def one(database: Database, customer_id: str) -> Customer | None:
    """Return one customer."""
    async with database.reading() as connection:
        found = await row(connection, "SELECT * FROM customer WHERE id = ?", (customer_id,))
    if found is None:
        return None
    return Customer(
        id=found["id"],
        number=found["number"],
        name=found["name"],
        class_code=found["class_code"],
        phone=found["phone"],
        address=found["address"],
        contact=found["contact"],
        terms_days=found["terms_days"],
        limit_minor=found["limit_minor"],
        currency=found["currency"],
        on_hold=bool(found["on_hold"]),
    )


async def balance_minor(connection: Connection, customer_id: str) -> int:
    """Return what a customer owes after everything recorded here; below zero when they have money with us."""
    found = await rows(connection, f"{_OWED} WHERE c.id = :id", {"today": "9999-12-31", "id": customer_id})
    return int(found[0]["balance_minor"]) if found else 0


async def balance(database: Database, customer_id: str) -> int:
    """Return what a customer owes after everything recorded here."""
    async with database.reading() as connection:
        return await balance_minor(connection, customer_id)


def _owing(found: Row) -> Owing:
    plain = dict(found)
    due = plain["oldest_due"]
    return Owing(
        **plain
        | {
            "on_hold": bool(plain["on_hold"]),
            "gone": bool(plain["gone"]),
            "oldest_due": date.fromisoformat(due) if due else None,
        }
    )
