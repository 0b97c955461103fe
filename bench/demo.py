"""What it costs to live the demo's story, shortened to a quarter."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from _measure import empty, insert_bare, report, rows_of, run

from backend.demo.prepare import Size, prepare

NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)


async def figure(folder: str) -> None:
    """Live the story, then insert the rows that it left bare."""
    database, bare = await empty(folder, "lived"), await empty(folder, "bare")
    start = time.perf_counter()
    await prepare(database, now=NOW, size=Size(customers=60, invoices=300, days=60))
    seconds = time.perf_counter() - start
    rows = await rows_of(database)
    report("rows of the demo", sum(map(len, rows.values())), seconds, await insert_bare(bare, rows))
    await database.close()
    await bare.close()


run(figure)
