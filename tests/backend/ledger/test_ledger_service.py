import pytest

from backend.ledger import queries, service
from shared.ledger import Posting
from tests.builders import new_id, today


def two_sides(amount_minor, key="a"):
    return (Posting("custody", f"{key}:cash", "CNY", amount_minor), Posting("opening", "", "CNY", -amount_minor))


async def post(session, clock, postings, fact_id="fact"):
    return await service.post(
        session, clock, fact_kind="test", fact_id=fact_id, booked_on=today(clock), postings=postings
    )


async def test_a_posted_entry_is_in_the_balance_at_once(database, clock):
    async with database.writing() as session:
        await post(session, clock, two_sides(1_200))
        assert await queries.balance_minor(session, "custody", "a:cash", "CNY") == 1_200
        assert await queries.balances(session, "custody") == [("a:cash", "CNY", 1_200)]


async def test_a_reversed_entry_leaves_nothing(database, clock):
    async with database.writing() as session:
        entry_id = await post(session, clock, two_sides(1_200))
        undo = new_id(clock)
        await service.reverse(session, clock, entry_id=entry_id, fact_kind="undo", fact_id=undo, booked_on=today(clock))
        assert await queries.balance_minor(session, "custody", "a:cash", "CNY") == 0
        assert await service.entries_of(session, "test", "fact") == []


async def test_an_entry_is_never_reversed_twice(database, clock):
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            entry_id = await post(session, clock, two_sides(5))
            for _ in range(2):
                await service.reverse(
                    session, clock, entry_id=entry_id, fact_kind="undo", fact_id="u", booked_on=today(clock)
                )
    async with database.reading() as reader:
        assert await queries.kind_sums(reader) == []


@pytest.mark.parametrize(
    "postings",
    [
        (Posting("custody", "a:cash", "CNY", 5),),
        (Posting("custody", "a:cash", "CNY", 5), Posting("opening", "", "USD", -5)),
        (Posting("pocket", "a", "CNY", 5), Posting("opening", "", "CNY", -5)),
    ],
    ids=["one-sided", "across currencies", "unknown account"],
)
async def test_an_unbalanced_entry_is_never_posted(database, clock, postings):
    with pytest.raises(service.Unbalanced):
        async with database.writing() as session:
            await post(session, clock, postings)


async def test_nothing_moved_posts_nothing(database, clock):
    async with database.writing() as session:
        assert await post(session, clock, ()) == ""
        assert await queries.kind_sums(session) == []


async def test_sums_above_32_bits_are_exact(database, clock):
    async with database.writing() as session:
        for n in range(3):
            await post(session, clock, two_sides(9_007_199_254_740_991), f"f{n}")
        assert await queries.balance_minor(session, "custody", "a:cash", "CNY") == 27_021_597_764_222_973


async def test_many_facts_are_posted_in_order_and_one_that_moves_nothing_posts_nothing(database, clock):
    facts = [service.Fact("test", f"f{n}", today(clock), two_sides(n, f"k{n}") if n else ()) for n in range(4)]
    async with database.writing() as session:
        ids = await service.post_many(session, clock, facts)
        assert ids[0] == ""
        assert [(await queries.entry(session, one)).fact_id for one in ids[1:]] == ["f1", "f2", "f3"]
        assert await queries.postings_of(session, ids[3:]) == {ids[3]: two_sides(3, "k3")}
        assert await queries.unbalanced_entries(session) == []


async def test_one_unbalanced_fact_among_many_posts_none(database, clock):
    facts = [
        service.Fact("test", "good", today(clock), two_sides(5)),
        service.Fact("test", "bad", today(clock), two_sides(5)[:1]),
    ]
    async with database.writing() as session:
        with pytest.raises(service.Unbalanced):
            await service.post_many(session, clock, facts)
        assert await queries.kind_sums(session) == []


async def test_no_facts_post_nothing(database, clock):
    async with database.writing() as session:
        assert await service.post_many(session, clock, []) == []
