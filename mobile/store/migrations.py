"""The store's schema as numbered steps; a step never drops anything, and each is one transaction."""

from __future__ import annotations

import aiosqlite

# 1: what the phone itself made. These tables are the only copy of a payment until the server has answered.
_FACTS = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE device (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        device_id TEXT NOT NULL, series TEXT NOT NULL,
        next_seq INTEGER NOT NULL, next_counter INTEGER NOT NULL, last_hash TEXT NOT NULL DEFAULT '',
        epoch TEXT NOT NULL, time_token TEXT NOT NULL,
        user_id TEXT NOT NULL, user_name TEXT NOT NULL, role TEXT NOT NULL) STRICT""",
    """CREATE TABLE operation (
        device_id TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
        version INTEGER NOT NULL, payload TEXT NOT NULL, device_time_ms INTEGER NOT NULL, uptime_ms INTEGER NOT NULL,
        time_token TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL,
        currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, title TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'unsent' CHECK (status IN ('unsent', 'settled')),
        verdict TEXT NOT NULL DEFAULT '', code TEXT NOT NULL DEFAULT '', what TEXT NOT NULL DEFAULT '',
        next TEXT NOT NULL DEFAULT '', settled_at_ms INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (device_id, seq)) STRICT""",
    "CREATE INDEX operation_by_status ON operation (status, seq)",
    """CREATE TABLE collection (
        id TEXT PRIMARY KEY, operation_id TEXT NOT NULL, customer_id TEXT NOT NULL, customer_name TEXT NOT NULL,
        currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, method TEXT NOT NULL,
        receipt_number TEXT NOT NULL, taken_at_ms INTEGER NOT NULL, reference TEXT NOT NULL, note TEXT NOT NULL,
        balance_minor INTEGER NOT NULL) STRICT""",
    "CREATE INDEX collection_by_customer ON collection (customer_id)",
    """CREATE TABLE allocation (
        collection_id TEXT NOT NULL, invoice_id TEXT NOT NULL, invoice_number TEXT NOT NULL,
        amount_minor INTEGER NOT NULL, remaining_minor INTEGER NOT NULL,
        PRIMARY KEY (collection_id, invoice_id)) STRICT""",
    "CREATE INDEX allocation_by_invoice ON allocation (invoice_id)",
    """CREATE TABLE remittance (
        id TEXT PRIMARY KEY, operation_id TEXT NOT NULL, kind TEXT NOT NULL, held TEXT NOT NULL,
        currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, at_ms INTEGER NOT NULL, reference TEXT NOT NULL,
        other TEXT NOT NULL) STRICT""",
)

# 2: the mirror of what the server says, which can be pulled again at any time.
_MIRROR = (
    """CREATE TABLE customer (
        id TEXT PRIMARY KEY, number TEXT NOT NULL, name TEXT NOT NULL, search TEXT NOT NULL, class_code TEXT NOT NULL,
        phone TEXT NOT NULL, address TEXT NOT NULL, contact TEXT NOT NULL, terms_days INTEGER NOT NULL,
        limit_minor INTEGER NOT NULL, currency TEXT NOT NULL, on_hold INTEGER NOT NULL,
        unapplied_minor INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0) STRICT""",
    "CREATE INDEX customer_by_number ON customer (number, id)",
    """CREATE TABLE invoice (
        id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, number TEXT NOT NULL, kind TEXT NOT NULL,
        issued_on TEXT NOT NULL, due_on TEXT NOT NULL, currency TEXT NOT NULL, amount_minor INTEGER NOT NULL,
        open_minor INTEGER NOT NULL) STRICT""",
    "CREATE INDEX invoice_by_customer ON invoice (customer_id, due_on)",
    """CREATE TABLE collection_seen (
        id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, currency TEXT NOT NULL, amount_minor INTEGER NOT NULL,
        method TEXT NOT NULL, receipt_number TEXT NOT NULL, taken_at_ms INTEGER NOT NULL, applied TEXT NOT NULL,
        unapplied_minor INTEGER NOT NULL, held_minor INTEGER NOT NULL, decision TEXT NOT NULL, reason TEXT NOT NULL,
        void TEXT NOT NULL, matched_minor INTEGER NOT NULL, flags TEXT NOT NULL) STRICT""",
    "CREATE INDEX collection_seen_by_customer ON collection_seen (customer_id)",
    """CREATE TABLE remittance_seen (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, currency TEXT NOT NULL, amount_minor INTEGER NOT NULL,
        at_ms INTEGER NOT NULL, reference TEXT NOT NULL, state TEXT NOT NULL, received_minor INTEGER NOT NULL,
        other TEXT NOT NULL) STRICT""",
    """CREATE TABLE incentive (
        id TEXT PRIMARY KEY, currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, kind TEXT NOT NULL,
        state TEXT NOT NULL, subject TEXT NOT NULL, title TEXT NOT NULL, base_minor INTEGER NOT NULL,
        rate_bp INTEGER NOT NULL, plan_version INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT""",
    """CREATE TABLE notice (
        id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL,
        code TEXT NOT NULL, body TEXT NOT NULL) STRICT""",
    "CREATE TABLE company (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT",
    # A payment counts locally until the server's row of it has been pulled; rows of one transaction arrive together.
    """CREATE VIEW pending_collection AS SELECT * FROM collection
        WHERE id NOT IN (SELECT id FROM collection_seen)""",
    """CREATE VIEW pending_remittance AS SELECT * FROM remittance
        WHERE id NOT IN (SELECT id FROM remittance_seen)""",
    """CREATE VIEW invoice_open AS SELECT i.*, i.open_minor - coalesce((
            SELECT sum(a.amount_minor) FROM allocation a JOIN pending_collection c ON c.id = a.collection_id
            WHERE a.invoice_id = i.id AND c.currency = i.currency), 0) AS left_minor
        FROM invoice i""",
)

# 3: what makes work survive: drafts of what is being typed, leases of what is being done.
_WORK = (
    "CREATE TABLE draft (key TEXT PRIMARY KEY, body TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT",
    "CREATE TABLE lease (name TEXT PRIMARY KEY, owner TEXT NOT NULL, until_ms INTEGER NOT NULL) STRICT",
)

# 4: a mirror that is being pulled anew waits here until its last page, so that no screen sees half of it.
_RENEWAL = (
    "CREATE TABLE arriving (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FACTS, _MIRROR, _WORK, _RENEWAL)


async def upgrade(connection: aiosqlite.Connection, to: int | None = None) -> int:
    """Bring a store up to a version (default: the newest) and return the version it has; newer stores stay as is."""
    target = len(MIGRATIONS) if to is None else to
    version = await version_of(connection)
    for number in range(version + 1, target + 1):
        await connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in MIGRATIONS[number - 1]:
                await connection.execute(statement)
            await connection.execute(f"PRAGMA user_version = {number}")
            await connection.execute("COMMIT")
        except BaseException:
            await connection.execute("ROLLBACK")
            raise
    return max(version, target)


async def version_of(connection: aiosqlite.Connection) -> int:
    """Return the number of the last step this store has taken."""
    async with connection.execute("PRAGMA user_version") as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0
