"""The guard of tests/conftest.py works."""

import socket

import httpx
import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("8.8.8.8", 53), ("2001:db8::1", 443)])
def test_a_socket_cannot_leave_this_machine(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as outside, pytest.raises(pytest.fail.Exception, match="stay on this machine"):
        outside.connect(address)


async def test_a_client_cannot_leave_this_machine():
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(pytest.fail.Exception, match="stay on this machine"):
            await client.get("https://fieldtill.example/")


def test_a_socket_reaches_this_machine():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()
