"""The enrolment link fills the sign-in in; what it says is read with suspicion, and it takes no phone from anybody."""

import pytest

from mobile.invitation import Invitation, read_link

LINK = "fieldtill://open/enrol?server=http://10.0.0.7:8000&code=AB12CD34EF"


@pytest.mark.parametrize(
    ("route", "found"),
    [
        (LINK, Invitation("http://10.0.0.7:8000", "AB12CD34EF")),
        ("/enrol?server=https%3A%2F%2Fpay.example.cn&code=AB12", Invitation("https://pay.example.cn", "AB12")),
        ("/enrol?code=AB12", Invitation("", "AB12")),
        ("/enrol", None),
        ("/enrol?server=http://10.0.0.7:8000", None),
        ("/customers?server=http://10.0.0.7:8000&code=AB12", None),
        ("/enrol?server=javascript:alert(1)&code=AB12", None),
        ("/enrol?server=http://bank.example@evil.example&code=AB12", None),
        ("/enrol?server=http://[::1&code=AB12", None),
        ("/enrol?code=AB-12", None),
        ("/enrol?code=" + "A" * 300, None),
        ("/enrol?" + "code=A&" * 20, None),
        ("", None),
    ],
)
def test_only_what_is_an_invitation_is_one(route, found):
    assert read_link(route) == found


async def test_a_link_fills_in_server_and_code_and_one_tap_enrols(open_phone, host, server):
    session = await open_phone("/enrol?server=http://10.0.0.7:8000&code=AB12CD34EF", empty=True, gone=False)
    await host.until(lambda: host.has("sign_in.code"))
    assert host.find("sign_in.code").value == "AB12CD34EF"
    assert host.find("sign_in.server").value == "http://10.0.0.7:8000"
    assert host.has("sign_in.invited")
    await host.tap("sign_in.start")
    await host.until(lambda: session.phone.state.gate == "open")
    ((request, _token),) = server.enrolled
    assert request.code == "AB12CD34EF"
    assert server.address == "http://10.0.0.7:8000"
    await host.until(lambda: host.has("today.collected"))


async def test_a_link_opened_while_the_sign_in_is_shown_fills_it_in(open_phone, host):
    await open_phone(empty=True)
    await host.until(lambda: host.has("sign_in.login"))
    await host.session.dispatch_event(1, "route_change", {"route": LINK})
    await host.until(lambda: host.has("sign_in.code") and host.find("sign_in.code").value == "AB12CD34EF")


async def test_a_link_takes_no_phone_from_who_has_it(open_phone, host):
    session = await open_phone("/enrol?server=http://evil.example&code=AB12")
    await host.until(lambda: host.has("invited"))
    assert session.phone.server == "http://server"
    await host.tap("invited.done")
    await host.until(lambda: host.has("today.collected"))
