"""A phone's store as it looks after enrolment and a first pull: made by the store's own functions."""

from datetime import UTC, datetime, timedelta

import msgspec

from mobile.device.keys import FileKeys, new_pair
from mobile.store import identity
from mobile.store.database import Database
from mobile.store.engine_store import EngineStore
from shared.clock import ScriptedClock, to_ms
from shared.ident import uuid7
from sync.message import (
    BankAccountRow,
    CollectionRow,
    CompanyRow,
    CustomerRow,
    EnrolAnswer,
    IncentiveRow,
    InvoiceRow,
    NoticeRow,
    Page,
    RemittanceRow,
    Tokens,
)

NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)  # 10:30 in Shanghai
PAYCODE = {
    "scheme": "emv",
    "tag": "26",
    "sub.00": "com.fieldtill",
    "sub.01": "310000123456",
    "mcc": "5199",
    "country": "CN",
    "name": "HUADONG TRADING",
    "city": "SHANGHAI",
    "language": "zh",
    "local_name": "华东食品商贸有限公司",
    "local_city": "上海",
}
NAMES = [
    ("C0001", "鲜丰水果店（人民路）", "xianfengshuiguodian xfsgd"),
    ("C0002", "老张烟酒商行", "laozhangyanjiushanghang lzyjsh"),
    ("C0003", "好邻居便利店", "haolinjubianlidian hljbld"),
    ("C0004", "重庆小面馆", "chongqingxiaomianguan cqxmg"),
    ("C0005", "四季超市南京西路分店", "sijichaoshinanjingxilufendian sjcsnjxlfd"),
]
TOKENS = Tokens("access", "refresh", to_ms(NOW) + 900_000, "user-1", "王小明", "salesperson")
COMPANY = CompanyRow(
    "华东食品商贸有限公司",
    "Asia/Shanghai",
    "CNY",
    ["cash", "cheque", "transfer", "code"],
    2_000_000,
    30_000_000,
    PAYCODE,
    [
        BankAccountRow("acc-1", "工商银行", "6222020200012345678", "CNY"),
        BankAccountRow("acc-2", "建设银行", "6217001230001", "CNY"),
    ],
)


def clock():
    return ScriptedClock(NOW, 1000)


def answer(device="device-1", user="user-1", **more):
    plain = {
        "device_id": device,
        "series": "A07",
        "next_seq": 1,
        "next_counter": 1,
        "epoch": "epoch-1",
        "time_token": "token-0",
        "user_id": user,
        "user_name": "王小明",
        "role": "salesperson",
        "tokens": TOKENS,
    }
    return EnrolAnswer(**plain | more)


def page(rows, removals=(), cursor="cursor-1", **more):
    packed = [(kind, record_id, msgspec.Raw(msgspec.json.encode(row))) for kind, record_id, row in rows]
    return Page("epoch-1", packed, list(removals), cursor, False, "token-1", **more)


def invoice(customer, number, due_in_days, amount_minor, open_minor=None, *, kind="invoice", currency="CNY"):
    due = NOW.date() + timedelta(days=due_in_days)
    row = InvoiceRow(
        customer,
        number,
        kind,
        (due - timedelta(days=30)).isoformat(),
        due.isoformat(),
        currency,
        amount_minor,
        amount_minor if open_minor is None else open_minor,
    )
    return ("invoice", f"inv-{number}", row)


def customer(number, name, pinyin, **more):
    plain = {"class_code": "A", "phone": "13800138000", "address": "人民路 1 号", "contact": "张先生"}
    plain |= {"terms_days": 30, "limit_minor": 0, "currency": "CNY", "on_hold": False, "unapplied_minor": 0}
    return ("customer", f"cus-{number}", CustomerRow(number=number, name=name, pinyin=pinyin, **plain | more))


def rows():
    found = [("company", "company", COMPANY)]
    found += [customer(*each, on_hold=each[0] == "C0004") for each in NAMES]
    found += [
        invoice("cus-C0001", "INV-1001", -32, 120_000),
        invoice("cus-C0001", "INV-1002", -5, 80_050),
        invoice("cus-C0001", "INV-1003", 12, 45_000),
        invoice("cus-C0001", "CN-0007", -2, -5_000, kind="credit_note"),
        invoice("cus-C0002", "INV-2001", -75, 300_000, 250_000),
        invoice("cus-C0003", "INV-3001", 0, 66_600),
        invoice("cus-C0004", "INV-4001", 3, 12_345),
        invoice("cus-C0004", "INV-4002", -100, 9_900),
    ]
    return found


def history():
    """What the server says of earlier days: payments in three states, remittances, incentive, a notice."""
    day = 86_400_000
    at = to_ms(NOW)
    seen = ("cus-C0002", "CNY", 50_000, "cash", "A07-000002-X", at - 2 * day)
    return [
        ("collection", "col-1", CollectionRow(*seen, [], 50_000, 50_000, "", "", "", 0, [])),
        (
            "collection",
            "col-2",
            CollectionRow(
                "cus-C0003",
                "CNY",
                88_800,
                "code",
                "A07-000003-Y",
                at - 9 * day,
                [],
                0,
                0,
                "approved",
                "",
                "",
                88_800,
                [],
            ),
        ),
        (
            "collection",
            "col-3",
            CollectionRow(
                "cus-C0003",
                "CNY",
                1_000,
                "cash",
                "A07-000004-Z",
                at - 4 * day,
                [],
                0,
                1_000,
                "rejected",
                "金额与客户不符",
                "",
                0,
                [],
            ),
        ),
        (
            "remittance",
            "rem-1",
            RemittanceRow("deposit", "CNY", 88_800, at - 8 * day, "SLIP-77", "matched", 88_800, "工商银行"),
        ),
        ("remittance", "rem-2", RemittanceRow("hand_over", "CNY", 20_000, at - day, "493027", "awaiting", 0, "")),
        (
            "incentive",
            "inc-1",
            IncentiveRow("CNY", 1_332, "rate", "vested", "col-2", "A07-000003-Y", 88_800, 150, 1, at - 3 * day),
        ),
        (
            "incentive",
            "inc-2",
            IncentiveRow("CNY", 444, "on_time", "vested", "col-2", "A07-000003-Y", 88_800, 50, 1, at - 3 * day),
        ),
        (
            "incentive",
            "inc-3",
            IncentiveRow("CNY", -200, "rate", "clawed_back", "col-9", "A07-000001-W", 13_333, 150, 1, at - day),
        ),
        (
            "incentive",
            "inc-4",
            IncentiveRow("CNY", 750, "rate", "pending", "col-1", "A07-000002-X", 50_000, 150, 1, at - 2 * day),
        ),
        (
            "notice",
            "not-1",
            NoticeRow(
                at - day,
                "collection",
                "col-3",
                "collection_rejected",
                {"number": "A07-000004-Z", "reason": "金额与客户不符"},
            ),
        ),
    ]


async def seeded(path, more=()):
    """Make an enrolled, pulled store; return (database, engine store, keys)."""
    database = await Database(path).open()
    keys = FileKeys(path.with_name(path.name + ".keys"))
    await new_pair(keys)
    store = EngineStore(database, keys, clock())
    await identity.adopt(database, answer())
    await store.keep_tokens(TOKENS)
    await store.apply_page(page([*rows(), *more]))
    return database, store, keys


def fresh_id():
    return uuid7(to_ms(NOW))
