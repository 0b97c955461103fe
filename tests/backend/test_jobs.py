import asyncio

from backend.jobs import Job, forget_old_sign_ins, running_jobs
from tests.builders import PASSWORD


async def test_a_job_that_fails_is_tried_again_and_the_others_go_on(database, clock):
    runs, enough = {"bad": 0, "good": 0}, asyncio.Event()

    def job(name, error):
        async def run(_database, _clock, _holder):
            runs[name] += 1
            if min(runs.values()) >= 3:
                enough.set()
            if error:
                raise RuntimeError(name)

        return Job(name, 0, run)

    async with running_jobs(database, clock, (job("bad", error=True), job("good", error=False))):
        await asyncio.wait_for(enough.wait(), 10)
    ended = dict(runs)
    await asyncio.sleep(0.05)
    assert runs == ended


async def test_jobs_that_are_switched_off_do_nothing(database, clock):
    async def run(*_):
        raise AssertionError

    async with running_jobs(database, clock, (Job("x", 0, run),), switched_on=False):
        await asyncio.sleep(0.01)


async def test_old_sign_ins_are_forgotten_and_fresh_ones_kept(database, clock, people):
    from backend.auth import queries, service

    async with database.writing() as session:
        old, _ = await service.open_console_session(session, clock, login="lina", password=PASSWORD)
    clock.move(hours=13)
    async with database.writing() as session:
        new, _ = await service.open_console_session(session, clock, login="lina", password=PASSWORD)
    await forget_old_sign_ins(database, clock, "holder")
    async with database.reading() as reader:
        assert await queries.console_session(reader, service._hash(old)) is None
        assert await queries.console_session(reader, service._hash(new)) is not None
