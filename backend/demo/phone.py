"""A salesperson's phone in the demo: a real key, a real chain of operations, real signed batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from shared.ident import ReceiptNumber
from sync.message import Batch, Operation
from sync.outbox import batches, sealed
from sync.signing import sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.demo.people import Person
    from backend.demo.world import World
    from sync.message import EnrolAnswer, PushAnswer


class Phone:
    """What an enrolled phone holds: identity, head of its chain, outbox, and the money its owner carries."""

    def __init__(self, person: Person, enrolled: EnrolAnswer, private_key: str) -> None:
        """Begin with what enrolment answered."""
        self.person = person
        self.user_id = enrolled.user_id
        self.in_hand: dict[str, int] = {}
        self.outbox: list[Operation] = []
        self._device_id, self._series, self._epoch = enrolled.device_id, enrolled.series, enrolled.epoch
        self._seq, self._counter, self._head = enrolled.next_seq, enrolled.next_counter, ""
        self._time_token, self._private_key = enrolled.time_token, private_key

    def next_receipt_number(self) -> str:
        """Give the next number of this phone's series."""
        number = ReceiptNumber(self._series, self._counter)
        self._counter += 1
        return str(number)

    def record(self, world: World, kind: str, payload: object) -> None:
        """Put an operation at the end of the chain and into the outbox."""
        operation = Operation(
            id=world.new_id(),
            device_id=self._device_id,
            seq=self._seq,
            kind=kind,
            version=1,
            payload=msgspec.json.encode(payload).decode(),
            device_time_ms=world.now_ms(),
            uptime_ms=world.clock.uptime_ms(),
            time_token=self._time_token,
            prev_hash=self._head,
        )
        self._seq += 1
        self._head = operation.hash
        self.outbox.append(operation)

    def unsent(self) -> Iterator[Batch]:
        """Give the outbox as signed batches."""
        for operations in batches(self.outbox):
            yield sealed(self._device_id, self._epoch, operations, lambda message: sign(self._private_key, message))

    def settle(self, answer: PushAnswer) -> None:
        """Drop what the server answered; in the demo nothing may be refused."""
        wrong = [verdict for verdict in answer.verdicts if verdict.status != "accepted"]
        if wrong:
            message = f"the server refused a record of the demo: {wrong[0]}"
            raise RuntimeError(message)
        settled = {verdict.id for verdict in answer.verdicts}
        self.outbox = [operation for operation in self.outbox if operation.id not in settled]
        self._time_token = answer.time_token
