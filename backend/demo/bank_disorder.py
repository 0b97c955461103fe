"""The bank: what really arrives, late, merged, without its reference, less a fee; and the files that tell of it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from backend.demo.people import CODE_ACCOUNT, MAIN_ACCOUNT
from backend.importing.mapping import Mapping
from shared.money import decimal_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from backend.demo.world import Taken
    from shared.custody import DepositMade

_STRANGERS = ("许志强", "杭州云禾餐饮管理有限公司", "方晓燕", "浙江稻香供应链有限公司", "何建国")
HEADER = ("交易日期", "摘要", "收入金额", "支出金额", "余额", "对方户名", "对方账号", "附言", "流水号")
# How ``backend.bank`` is told to read these files.
MAPPING = Mapping(
    kind="bank",
    columns={
        "booked": "交易日期",
        "text": "摘要",
        "credit": "收入金额",
        "debit": "支出金额",
        "balance": "余额",
        "counterparty_name": "对方户名",
        "counterparty_account": "对方账号",
        "reference": "附言",
        "bank_id": "流水号",
    },
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a statement; ``truth`` names the deposit or collection it is (empty: neither, or several)."""

    on: date
    amount_minor: int
    text: str
    name: str = ""
    account: str = ""
    remark: str = ""
    truth: str = ""
    number: str = ""
    balance_minor: int = 0


@dataclass
class Bank:
    """What two accounts will show, by account number, and the truth that only the demo knows."""

    dice: Random
    coming: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    booked: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    truth: dict[str, str] = field(default_factory=dict)  # the bank's own line number -> deposit or collection id
    bounced: dict[str, date] = field(default_factory=dict)  # deposits of cheques that come back, and when

    def deposit(self, made: DepositMade, on: date) -> None:
        """Take cash and cheques over the counter."""
        cheque = made.kind == "cheque"
        later = timedelta(days=self.dice.choice((2, 3))) if cheque else timedelta()
        fate = self.dice.randrange(100)
        remark = made.slip_reference if fate < 78 else ""
        pending = self.coming[MAIN_ACCOUNT.number]
        same_day = [e for e in pending if e.on == on + later and e.text == "现金存入" and e.truth]
        if fate > 93 and same_day and not cheque:  # two slips in one credit
            pending.remove(same_day[0])
            pending.append(Entry(on, made.amount_minor + same_day[0].amount_minor, "现金存入", remark="合并入账"))
            return
        arrived, text = made.amount_minor, "支票收款" if cheque else "现金存入"
        if 70 <= fate < 74 and not cheque and arrived > 50_000:  # the bank's machine keeps a note that it doubts
            arrived -= 10_000
        truth = made.id if arrived == made.amount_minor else ""
        pending.append(Entry(on + later, arrived, text, remark=remark, truth=truth))
        if cheque and fate < 12:  # the cheque bounces
            back = on + later + timedelta(days=3)
            self.bounced[made.id] = back
            pending.append(Entry(back, -made.amount_minor, "支票退票", remark=made.slip_reference))

    def claim(self, taken: Taken, on: date) -> None:
        """Let a transfer or code that a customer claims arrive, if it was made."""
        if not taken.arrives:
            return
        payment, shop = taken.payment, taken.debtor.shop
        fate = self.dice.randrange(100)
        if payment.method == "code":
            fee = payment.amount_minor * 38 // 10_000 if 70 <= fate < 80 else 0  # settled net
            remark = payment.reference if fate < 86 else ""
            entry = Entry(
                on + timedelta(days=1), payment.amount_minor - fee, "扫码收款", "银联待清算", "", remark, payment.id
            )
        else:
            payer = shop.name if fate < 60 else shop.contact[0] + "*" * 2
            remark = f"货款 {payment.receipt_number}" if fate < 55 else ("货款" if fate < 85 else "")
            account = f"62179{self.dice.randrange(10**14):014d}"
            entry = Entry(
                on + timedelta(days=self.dice.choice((0, 0, 1, 2))),
                payment.amount_minor,
                "网银转入",
                payer,
                account,
                remark,
                payment.id,
            )
        self.coming[CODE_ACCOUNT.number].append(entry)

    def own_business(self, day: date) -> None:
        """Add what nobody at the company recorded: fees, interest, and money from strangers."""
        if day.day == 21:
            for number in (MAIN_ACCOUNT.number, CODE_ACCOUNT.number):
                self.coming[number].append(Entry(day, self.dice.randint(300, 4_000), "结息"))
        if day.day == 1:
            self.coming[MAIN_ACCOUNT.number].append(Entry(day, -2_000, "账户管理费"))
        if day.weekday() == 4 and self.dice.randrange(100) < 45:
            amount = self.dice.randint(3, 60) * 10_000
            self.coming[CODE_ACCOUNT.number].append(
                Entry(day, amount, "网银转入", self.dice.choice(_STRANGERS), remark="往来款")
            )

    def book(self, day: date) -> None:
        """Book what is due up to a day: number each line and carry the balance."""
        for number, pending in self.coming.items():
            for entry in [e for e in pending if e.on <= day]:
                pending.remove(entry)
                self.booked[number].append(self._numbered(number, entry))

    def _numbered(self, account: str, entry: Entry) -> Entry:
        lines = self.booked[account]
        balance = (lines[-1].balance_minor if lines else 12_345_600) + entry.amount_minor
        bank_id = f"{account[-2:]}{entry.on:%y%m%d}{len(lines):05d}"
        if entry.truth:
            self.truth[bank_id] = entry.truth
        return Entry(
            entry.on,
            entry.amount_minor,
            entry.text,
            entry.name,
            entry.account,
            entry.remark,
            entry.truth,
            bank_id,
            balance,
        )

    def statement(self, account: str, since: date, until: date) -> bytes:
        """Return a file as the bank's web page exports it: title lines, then the table, in GB18030."""
        lines = [entry for entry in self.booked[account] if since <= entry.on <= until]
        if not lines:
            return b""
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow([f"账户明细查询 账号：{account}"])
        writer.writerow([f"查询区间：{since} 至 {until}", f"共 {len(lines)} 笔"])
        writer.writerow(HEADER)
        writer.writerows(_row(entry) for entry in lines)
        return stream.getvalue().encode("gb18030")


def _row(entry: Entry) -> Iterator[str]:
    amount = decimal_text(abs(entry.amount_minor), "CNY")
    yield from (entry.on.isoformat(), entry.text)
    yield from (amount, "") if entry.amount_minor > 0 else ("", amount)
    yield from (decimal_text(entry.balance_minor, "CNY"), entry.name, entry.account, entry.remark, entry.number)
