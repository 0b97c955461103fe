import pytest

from backend.audit import queries as audit
from backend.company import service
from shared.refusal import Refused


async def test_a_company_is_installed_once(database, clock, company):
    async with database.writing() as session:
        first = await service.epoch(session), await service.secret(session, service.TOKEN_SECRET)
        again = await service.install(session, clock, name="Other", zone="Europe/Berlin", currency="EUR")
        assert again == company
        assert (await service.epoch(session), await service.secret(session, service.TOKEN_SECRET)) == first
    assert len(first[1]) == 32


async def test_without_a_company_there_is_nothing_to_ask(database):
    async with database.reading() as reader:
        for ask in (service.company(reader), service.secret(reader, service.TIME_SECRET)):
            with pytest.raises(Refused) as refusal:
                await ask
            assert refusal.value.code == "company_missing"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("company.name", ""),
        ("company.name", "x" * 201),
        ("company.name", "a\0b"),
        ("company.zone", "Mars/Olympus"),
        ("company.zone", "../../etc/passwd"),
        ("company.carry_limit_minor", -1),
        ("company.carry_limit_minor", 2**60),
        ("company.carry_limit_minor", "many"),
        ("company.methods", []),
        ("company.methods", ["gold"]),
        ("company.methods", ["cash", "cash"]),
        ("company.paycode", {"a": "x" * 513}),
        ("company.colour", "red"),
        ("secret.other", "x"),
    ],
)
async def test_a_setting_that_rules_could_not_work_with_is_refused(database, clock, people, key, value):
    async with database.writing() as session:
        with pytest.raises(Refused) as refusal:
            await service.put_setting(session, people.admin, clock, key, value)
    assert refusal.value.code == "setting_invalid"


async def test_a_changed_setting_is_in_force_and_in_the_log_but_a_secret_is_not(database, clock, people):
    async with database.writing() as session:
        await service.put_setting(session, people.admin, clock, "company.methods", ["cash", "code"])
        await service.put_setting(session, people.admin, clock, service.TOKEN_SECRET, "ab" * 32)
        await session.flush()
        assert (await service.company(session)).methods == ("cash", "code")
        assert await service.setting(session, "company.currency") == "CNY"
        assert await service.setting(session, "company.nothing") is None
        events = [event for event, _ in await audit.page(session, action="setting.edit", actor_id=people.admin.user_id)]
    assert {event.subject_id for event in events} == {"company.methods", service.TOKEN_SECRET}
    assert not any("abab" in event.detail for event in events)


@pytest.mark.parametrize("key", ["name", "month_target_minor"])
async def test_settings_over_http_are_for_administrators(client, headers, people, key):
    path, body = f"/api/company/{key}", {"value": "Jiangnan" if key == "name" else 5}
    assert (await client.put(path, json=body)).status_code == 401
    assert (await client.put(path, json=body, headers=await headers(people.supervisor))).status_code == 403
    assert (await client.put(path, json=body, headers=await headers(people.admin))).status_code == 204
    shown = (await client.get("/api/company", headers=await headers(people.salesperson))).json()
    assert shown[key] == body["value"]
    assert "secret" not in str(shown)
    assert (await client.put("/api/company/secret", json=body, headers=await headers(people.admin))).status_code == 422
