"""Wrong passwords wait, spent refresh tokens burn their family, and traces of refusals stay."""

import pytest

from backend.audit import queries as audit
from backend.auth import queries, service
from backend.auth.password import hash_password, is_password
from shared.refusal import Refused
from tests.builders import PASSWORD


async def sign_in(database, clock, login="lina", password=PASSWORD, **more):
    async with database.writing() as session:
        return await service.sign_in(session, clock, login=login, password=password, **more)


async def refresh(database, clock, tokens):
    async with database.writing() as session:
        return await service.refresh(session, clock, refresh_token=tokens.refresh_token)


async def code_of(awaitable):
    with pytest.raises(Refused) as refusal:
        await awaitable
    return refusal.value.code


async def actor_of(database, clock, access_token):
    async with database.reading() as reader:
        return await service.bearer_actor(reader, clock, access_token)


async def test_the_right_password_signs_in(database, clock, people):
    tokens = await sign_in(database, clock, login="  LiNa ")
    assert (tokens.user_id, tokens.role) == (people.salesperson.user_id, "salesperson")
    assert await actor_of(database, clock, tokens.access_token) == people.salesperson


@pytest.mark.parametrize("login", ["lina", "nobody", "", "\0", "a" * 500])
async def test_a_wrong_password_and_an_unknown_name_look_the_same(database, clock, people, login):
    assert await code_of(sign_in(database, clock, login=login, password="wrong")) == "sign_in_failed"


async def test_the_fifth_wrong_password_locks_and_the_right_one_must_wait(database, clock, people):
    for _ in range(5):
        assert await code_of(sign_in(database, clock, password="wrong")) == "sign_in_failed"
    assert await code_of(sign_in(database, clock)) == "sign_in_wait"
    clock.move(seconds=30)
    await sign_in(database, clock)
    assert await code_of(sign_in(database, clock, password="wrong")) == "sign_in_failed"
    await sign_in(database, clock)  # success has set the count back


@pytest.mark.parametrize(
    ("failed", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (9, 480), (10, 900), (1_000_000, 900)]
)
def test_the_lock_doubles_up_to_fifteen_minutes(failed, seconds):
    assert service.lock_ms(failed) == seconds * 1000


async def test_each_wrong_password_is_in_the_audit_log(database, clock, people):
    await code_of(sign_in(database, clock, password="wrong"))
    async with database.reading() as reader:
        [(event, _)] = await audit.page(reader, action="auth.refused")
    assert event.subject_id == people.salesperson.user_id
    assert "wrong" not in event.detail


async def test_a_refresh_token_is_good_once(database, clock, people):
    first = await sign_in(database, clock)
    second = await refresh(database, clock, first)
    assert second.refresh_token != first.refresh_token
    third = await refresh(database, clock, second)
    assert await actor_of(database, clock, third.access_token) == people.salesperson


async def test_a_spent_refresh_token_revokes_its_whole_family_for_good(database, clock, people):
    first = await sign_in(database, clock)
    other_phone = await sign_in(database, clock)
    second = await refresh(database, clock, first)
    assert await code_of(refresh(database, clock, first)) == "token_reused"
    assert await code_of(refresh(database, clock, second)) == "token_invalid"
    await refresh(database, clock, other_phone)


async def test_a_refresh_token_ends_after_thirty_days_or_when_signed_out(database, clock, people):
    old, left = await sign_in(database, clock), await sign_in(database, clock)
    async with database.writing() as session:
        await service.sign_out(session, clock, refresh_token=left.refresh_token)
        await service.sign_out(session, clock, refresh_token="unknown")
    assert await code_of(refresh(database, clock, left)) == "token_invalid"
    clock.move(days=30)
    assert await code_of(refresh(database, clock, old)) == "token_expired"


async def test_a_disabled_user_is_out_at_once_and_everywhere(database, clock, people):
    tokens = await sign_in(database, clock)
    async with database.writing() as session:
        cookie, _ = await service.open_console_session(session, clock, login="lina", password=PASSWORD)
    async with database.writing() as session:
        await service.disable_user(session, people.admin, clock, people.salesperson.user_id)
    assert await code_of(actor_of(database, clock, tokens.access_token)) == "user_disabled"
    assert await code_of(refresh(database, clock, tokens)) == "token_invalid"
    assert await code_of(sign_in(database, clock)) == "user_disabled"
    async with database.reading() as reader:
        assert await code_of(service.console_actor(reader, clock, cookie)) == "token_missing"
    async with database.writing() as session:
        await service.enable_user(session, people.admin, clock, people.salesperson.user_id)
    await sign_in(database, clock)


async def test_a_new_password_ends_every_sign_in(database, clock, people):
    tokens = await sign_in(database, clock)
    async with database.writing() as session:
        await service.reset_password(session, people.admin, clock, people.salesperson.user_id, "battery staple 9")
    assert await code_of(refresh(database, clock, tokens)) == "token_invalid"
    assert await code_of(sign_in(database, clock)) == "sign_in_failed"
    await sign_in(database, clock, password="battery staple 9")


async def test_a_device_must_be_the_persons_own_and_in_force(database, clock, people):
    from tests.builders import add_device

    async with database.writing() as session:
        device_id = await add_device(session, clock, people.salesperson)
    assert await code_of(sign_in(database, clock, login="zhangwei", device_id=device_id)) == "device_not_found"
    tokens = await sign_in(database, clock, device_id=device_id)
    assert (await actor_of(database, clock, tokens.access_token)).device_id == device_id
    async with database.writing() as session:
        (await queries.device(session, device_id)).revoked_at_ms = 1
    assert await code_of(refresh(database, clock, tokens)) == "device_revoked"
    assert await code_of(actor_of(database, clock, tokens.access_token)) == "device_revoked"


async def test_a_console_session_ends_when_idle_or_old(database, clock, people):
    async with database.writing() as session:
        cookie, actor = await service.open_console_session(session, clock, login="wangfang", password=PASSWORD)
    assert actor == people.supervisor
    for _ in range(24):
        clock.move(minutes=29)
        async with database.reading() as reader:
            _, stale = await service.console_actor(reader, clock, cookie)
        assert stale
        async with database.writing() as session:
            await service.keep_console_session(session, clock, cookie)
    clock.move(minutes=29)  # 12 h 5 min in all
    async with database.reading() as reader:
        assert await code_of(service.console_actor(reader, clock, cookie)) == "token_expired"


async def test_half_an_hour_of_silence_ends_a_console_session(database, clock, people):
    async with database.writing() as session:
        cookie, actor = await service.open_console_session(session, clock, login="wangfang", password=PASSWORD)
    async with database.reading() as reader:
        assert (await service.console_actor(reader, clock, cookie)) == (actor, False)
        clock.move(minutes=30)
        assert await code_of(service.console_actor(reader, clock, cookie)) == "token_expired"
        assert await code_of(service.console_actor(reader, clock, "forged")) == "token_missing"
    async with database.writing() as session:
        await service.close_console_session(session, actor, clock, cookie)
    async with database.reading() as reader:
        assert await code_of(service.console_actor(reader, clock, cookie)) == "token_missing"


async def test_a_password_is_kept_as_argon2id():
    stored = await hash_password(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await is_password(stored, PASSWORD)
    assert not await is_password(stored, PASSWORD + " ")
    assert not await is_password("", PASSWORD)
    assert not await is_password("not a hash", PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "x" * 201, "with a \0 inside"])
async def test_a_weak_password_is_refused(password):
    assert await code_of(hash_password(password)) == "password_weak"


async def test_a_user_name_is_taken_once_whatever_its_case(database, clock, people):
    async with database.writing() as session:
        fields = {"name": "Li Na", "role": "salesperson", "password": PASSWORD}
        for login, code in [("LINA", "user_exists"), ("a b", "login_invalid"), ("", "login_invalid")]:
            assert await code_of(service.add_user(session, people.admin, clock, login=login, **fields)) == code
        fields["role"] = "king"
        assert await code_of(service.add_user(session, people.admin, clock, login="new", **fields)) == "role_unknown"
        fields["role"] = "cashier"
        wrong = service.add_user(session, people.admin, clock, login="new", language="fr", **fields)
        assert await code_of(wrong) == "language_unknown"
        assert await code_of(service.add_user(session, people.supervisor, clock, login="new", **fields)) == (
            "permission_missing"
        )
        user_id = await service.add_user(session, people.admin, clock, login="New", **fields)
        assert (await queries.user(session, user_id)).login == "new"
