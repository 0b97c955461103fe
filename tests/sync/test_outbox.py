"""How operations are cut into batches, and what settles them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import outbox
from sync.message import Operation


def chain(count, payload="{}", start=1):
    made, before = [], ""
    for seq in range(start, start + count):
        made.append(Operation(f"id{seq}", "d", seq, "collection.record", 1, payload, 0, 0, "", before))
        before = made[-1].hash
    return made


@given(st.integers(0, 60), st.integers(1, 20), st.integers(0, 400), st.integers(100, 3_000))
def test_batches_are_the_operations_in_order_within_the_limits(count, most, length, most_bytes):
    import msgspec

    operations = chain(count, "x" * length)
    batches = list(outbox.batches(operations, most=most, most_bytes=most_bytes))
    assert [one for batch in batches for one in batch] == operations
    for batch in batches:
        assert 0 < len(batch) <= most
        assert len(batch) == 1 or sum(len(msgspec.json.encode(one)) for one in batch) <= most_bytes
        assert outbox.is_chain(batch)


def test_a_batch_never_jumps_over_a_number():
    one, two, _, four, five = chain(5)
    assert [[o.seq for o in b] for b in outbox.batches([one, two, four, five])] == [[1, 2], [4, 5]]


def test_a_chain_breaks_when_one_payload_changes():
    import msgspec

    operations = chain(3)
    assert outbox.is_chain(operations)
    operations[1] = msgspec.structs.replace(operations[1], payload='{"a": 1}')
    assert not outbox.is_chain(operations)


@pytest.mark.parametrize(
    ("status", "settled"),
    [("accepted", True), ("duplicate", True), ("quarantined", True), ("held", False), ("", False)],
)
def test_only_a_held_operation_waits_on(status, settled):
    assert outbox.settles(status) is settled
