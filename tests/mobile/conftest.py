"""The phone under test: a seeded store, a scripted clock, a server that can be there or gone."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import headless
import seeding

from mobile.app import Process, Session, Settings
from shared import language
from sync.message import Page, PushAnswer, Verdict
from sync.port import TransportFailed


class FakeServer:
    """Answers as the server would; ``gone`` makes every call fail as without a network."""

    def __init__(self):
        self.gone = False
        self.pushed = []
        self.pages = []
        self.verdicts = {}
        self.enrolled = []
        self.failure = None

    def __call__(self, address):
        self.address = address
        return self

    def _check(self):
        if self.gone:
            raise TransportFailed("network", "server_unreachable")
        if self.failure:
            raise self.failure

    async def sign_in(self, request):
        self._check()
        if request.password != "right":
            raise TransportFailed("auth", "sign_in_failed", "User name or password is wrong.")
        return seeding.TOKENS

    async def enrol(self, request, access_token=""):
        self._check()
        self.enrolled.append((request, access_token))
        return seeding.answer()

    async def refresh(self, request):
        self._check()
        return seeding.TOKENS

    async def push(self, batch):
        self._check()
        import msgspec

        from sync.message import Batch

        operations = msgspec.json.decode(batch, type=Batch).operations
        self.pushed += operations
        verdicts = [self.verdicts.get(one.id) or Verdict(one.id, "accepted") for one in operations]
        return PushAnswer("epoch-1", verdicts, operations[-1].seq + 1, "token-2")

    async def pull(self, request, access_token):
        self._check()
        if self.pages:
            return self.pages.pop(0)
        return Page("epoch-1", [], [], request.cursor or "cursor-1", False, "token-3")


@pytest.fixture(autouse=True)
def english():
    language.choose_default("en")
    yield
    language.choose_default("en")


@pytest.fixture
def server():
    return FakeServer()


@pytest.fixture
async def seed(tmp_path):
    database, store, keys = await seeding.seeded(tmp_path / "phone.db", seeding.history())
    yield database, store, keys
    await database.close()


@pytest.fixture
async def host():
    made = headless.Host()
    yield made
    made.close()


@pytest.fixture
async def open_phone(tmp_path, host, server):
    """Show the app over a seeded store, the server gone unless a test wants it; return (host, session)."""
    sessions = []

    async def show(route="/", *, gone=True, empty=False, language="en"):
        if not empty:
            database, _, _ = await seeding.seeded(tmp_path / "phone.db", seeding.history())
            await database.close()
        server.gone = gone
        process = Process(Settings(tmp_path / "phone.db", "http://server", language), seeding.clock(), server)
        session = Session(process, host.page)
        host.page.route = route
        await session.start()
        await host.settle(40)
        sessions.append(session)
        return session

    yield show
    for session in sessions:
        session.leave()
        if session.process.database:
            await session.process.database.close()
