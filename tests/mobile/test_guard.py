"""One exception never blanks or freezes the app: thrown in a handler, in a render, and past every boundary."""

# ruff: noqa: N802 - components are nouns in capitals

import flet as ft
import headless
import pytest

from mobile import guard
from shared.refusal import Refused


@pytest.fixture
async def made():
    host = headless.Host()
    told = []
    guard.install(host.page, told.append)
    yield host, told
    host.close()


async def test_an_exception_in_a_handler_is_told_and_the_app_goes_on(made):
    host, told = made

    @guard.screen
    def Screen():
        count, set_count = ft.use_state(0)

        def press():
            if count == 0:
                set_count(1)
                raise ValueError("boom")
            set_count(count + 1)

        button = ft.Button(f"pressed {count}", on_click=guard.guarded(press, told.append))
        return ft.View(controls=[ft.Semantics(identifier="press", content=button)])

    host.page.render_views(Screen)
    await host.settle()
    await host.tap("press")
    await host.tap("press")
    assert host.said("pressed 2")
    assert [str(one) for one in told] == ["boom"]
    assert host.wire.crashes == []


async def test_an_unguarded_handler_does_not_blank_the_app_either(made):
    host, told = made

    @guard.screen
    def Screen():
        def press():
            raise ValueError("unguarded")

        return ft.View(controls=[ft.Semantics(identifier="press", content=ft.Button("x", on_click=press))])

    host.page.render_views(Screen)
    await host.settle()
    await host.tap("press")
    assert "unguarded" in str(told[0])
    assert host.wire.crashes == []


async def test_an_exception_in_a_render_shows_one_line_and_the_rest_lives_on(made):
    host, _ = made

    @guard.part
    def Broken(count):
        if count == 1:
            raise ValueError("cannot draw")
        return ft.Text(f"part {count}")

    @guard.screen
    def Screen():
        count, set_count = ft.use_state(0)
        button = ft.Button(f"count {count}", on_click=lambda: set_count(count + 1))
        return ft.View(controls=[Broken(count), ft.Semantics(identifier="press", content=button)])

    host.page.render_views(Screen)
    await host.settle()
    await host.tap("press")
    assert host.has("trouble")
    assert host.said("count 1")
    await host.tap("press")
    assert host.said("part 2")
    assert not host.has("trouble")


async def test_a_screen_that_cannot_be_drawn_offers_the_way_home(made):
    host, _ = made

    @guard.screen
    def Screen():
        raise ValueError("no screen")

    host.page.render_views(Screen)
    await host.settle()
    assert host.has("trouble")
    assert host.said("Back to today")


async def test_the_watchdog_starts_drawing_again_after_an_exception_past_every_boundary(made):
    host, told = made
    setters = {}

    @ft.component
    def Bare():
        count, setters["count"] = ft.use_state(0)
        if count == 1:
            raise ValueError("the scheduler dies")
        return ft.View(controls=[ft.Text(f"bare {count}")])

    host.page.render_views(Bare)
    await host.settle()
    setters["count"](1)
    await host.settle()
    assert [str(one) for one in told] == ["the scheduler dies"]
    setters["count"](2)
    await host.settle()
    assert host.said("bare 2")


async def test_a_refusal_is_told_as_such(made):
    _, told = made

    async def refuse():
        raise Refused("amount_not_positive")

    await guard.guarded(refuse, told.append)(None)
    assert told[0].code == "amount_not_positive"
