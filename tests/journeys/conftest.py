"""Journeys run on both databases: the fixtures of the server's tests, and a world with two salespeople and invoices."""

import pytest

from tests.backend.conftest import (  # noqa: F401 - fixtures are found by name
    clock,
    company,
    database,
    people,
    postgres_folder,
    postgres_template,
    sqlite_template,
)
from tests.journeys.field import Field


@pytest.fixture
async def field(database, clock, people):  # noqa: F811 - pytest's way to ask for a fixture
    """Return a company with two customers, three invoices each, and the means to make phones."""
    made = Field(database, clock, people)
    await made.open_shop()
    return made
