"""A host for components without any client: Flet's own session, a connection that keeps what it is sent.

It touches private names of Flet 1.0.5; they are all in this file.
"""

import asyncio
import dataclasses
from concurrent.futures import ThreadPoolExecutor

import flet as ft
import msgpack
from flet.components.component import Component
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page, context
from flet.messaging.connection import Connection
from flet.messaging.protocol import MessageAction, configure_encode_object_for_msgpack
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

ENCODE = configure_encode_object_for_msgpack(BaseControl)


class Wire(Connection):
    """A connection that encodes for real, so that what cannot be sent fails in the test too."""

    def __init__(self):
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(2)
        self.pubsubhub = PubSubHub(loop=self.loop, executor=self.executor)
        self.page_url = "http://test"
        self.page_name = ""
        self.crashes = []
        self.called = []
        self.session = None

    def send_message(self, message):
        msgpack.packb([message.action, message.body], default=ENCODE)
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(message.body)
        if message.action == MessageAction.INVOKE_METHOD:
            self._answer(message.body)

    def _answer(self, body):
        self.called.append((body.name, body.args))
        if body.name == "push_route":
            self.session.page.route = body.args["route"]
            event = self.session.dispatch_event(1, "route_change", {"route": body.args["route"]})
            self.loop.create_task(event)
        self.loop.call_soon(
            lambda: self.session.handle_invoke_method_results(body.control_id, body.call_id, None, None)
        )


class Host:
    """One page session; ``show`` starts the app in it."""

    def __init__(self, route="/"):
        self.wire = Wire()
        self.session = Session(self.wire)
        self.wire.session = self.session
        self.page = self.session.page
        self.page.route = route
        self.page.web = True
        self.page.platform = ft.PagePlatform.ANDROID
        _context_page.set(self.page)
        context.reset_auto_update()
        msgpack.packb(self.session.get_page_patch(), default=ENCODE)

    async def show(self, main):
        await main(self.page)
        await self.settle()

    async def settle(self, rounds=25):
        for _ in range(rounds):
            await asyncio.sleep(0.004)

    async def until(self, check, seconds=5):
        """Wait until a check holds; fail with what is on the screen."""
        for _ in range(int(seconds / 0.02)):
            if check():
                return
            await asyncio.sleep(0.02)
        raise AssertionError("never happened; on the screen: " + " | ".join(self.texts()))

    def walk(self, node=None):
        node = [self.page.views, self.page._dialogs] if node is None else node
        if isinstance(node, (list, tuple)):
            for each in node:
                yield from self.walk(each)
        elif isinstance(node, Component):
            yield from self.walk(node._b)
        elif isinstance(node, BaseControl):
            yield node
            for field in dataclasses.fields(node):
                if not field.name.startswith("_") and not field.metadata.get("skip"):
                    value = getattr(node, field.name, None)
                    if isinstance(value, (BaseControl, list, tuple)):
                        yield from self.walk(value)

    def views(self):
        return [node for node in self.walk() if isinstance(node, ft.View)]

    def top(self):
        return self.views()[-1]

    def find(self, identifier):
        """Return the control wrapped by the named Semantics, on the view on top if it is there."""
        found = [c.content for c in self.walk() if isinstance(c, ft.Semantics) and c.identifier == identifier]
        if not found:
            raise AssertionError(f"no {identifier}; there are {self.names()}")
        return found[-1]

    def has(self, identifier):
        return identifier in self.names()

    def names(self):
        return [c.identifier for c in self.walk() if isinstance(c, ft.Semantics) and c.identifier]

    def texts(self, node=None):
        found = []
        for control in self.walk(node):
            if isinstance(control, ft.Text):
                found.append(control.value)
            for name in ("label", "content", "title"):
                value = getattr(control, name, None)
                if isinstance(value, str):
                    found.append(value)
        return found

    def said(self, text, node=None):
        return any(text in one for one in self.texts(node))

    async def tap(self, identifier):
        control = self.find(identifier)
        assert not getattr(control, "disabled", False), f"{identifier} is disabled"
        event = {ft.Chip: "select", ft.Checkbox: "change"}.get(type(control), "click")
        await self.session.dispatch_event(control._i, event, None)
        await self.settle()

    async def type(self, identifier, value):
        control = self.find(identifier)
        self.session.apply_patch(control._i, {"value": value})
        await self.session.dispatch_event(control._i, "change", value)
        await self.settle()

    async def go(self, route):
        await self.page.push_route(route)
        await self.settle()

    def close(self):
        self.session.close()
        self.wire.executor.shutdown(wait=False)
