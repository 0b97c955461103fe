"""What every test stands on: no test reaches the network."""

import ipaddress
import socket
from collections.abc import Iterator

import pytest

LOOPBACK_NAMES = {"localhost", "localhost.localdomain", "ip6-localhost", socket.gethostname()}


def is_loopback(host: object) -> bool:
    """Return whether an address given to a socket stays on this machine."""
    text = host.decode() if isinstance(host, bytes) else str(host or "")
    if not text or text in LOOPBACK_NAMES:
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def stop(host: object) -> None:
    """Fail the test; not an ordinary exception, so that no `except` of the code under test swallows it."""
    pytest.fail(f"The test tried to reach {host!r}. Tests stay on this machine.")


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Let sockets of this process reach this machine only (a browser is kept at home by its own fixture)."""
    patch = pytest.MonkeyPatch()
    resolve = socket.getaddrinfo

    def guarded(real):
        def connect(self, address):
            if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
                stop(address)
            return real(self, address)

        return connect

    def getaddrinfo(host, *args, **kwargs):
        if not is_loopback(host):
            stop(host)
        return resolve(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    patch.undo()
