"""The outbox's rules, without any storage: how operations are cut into batches, and which verdict settles what."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from sync.message import BATCH_BYTES, BATCH_OPERATIONS, Batch, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SETTLING = frozenset({"accepted", "duplicate", "quarantined"})


def settles(status: str) -> bool:
    """Say whether a verdict ends an operation's wait; a ``held`` one waits on, and is sent again."""
    return status in _SETTLING


def batches(
    operations: Sequence[Operation], *, most: int = BATCH_OPERATIONS, most_bytes: int = BATCH_BYTES
) -> Iterator[list[Operation]]:
    """Cut operations, given in sequence, into batches of ``most`` operations and about ``most_bytes`` of JSON.

    A batch never jumps over a sequence number, because its one signature reaches back through the chain of hashes.
    An operation above the limit goes alone.
    """
    batch: list[Operation] = []
    size = 0
    for operation in operations:
        weight = len(msgspec.json.encode(operation))
        jump = bool(batch) and operation.seq != batch[-1].seq + 1
        if batch and (jump or len(batch) >= most or size + weight > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(operation)
        size += weight
    if batch:
        yield batch


def sealed(device_id: str, epoch: str, operations: list[Operation], sign: Callable[[bytes], str]) -> Batch:
    """Make a signed batch of operations that follow each other."""
    open_batch = Batch(device_id, epoch, operations, signature="")
    return msgspec.structs.replace(open_batch, signature=sign(open_batch.head_message))


def is_chain(operations: Sequence[Operation]) -> bool:
    """Say whether each operation names its predecessor's hash and the next sequence number."""
    return all(after.seq == before.seq + 1 and after.prev_hash == before.hash for before, after in pairwise(operations))
