"""The invented company and the people who work for it."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "fieldtill-demo"  # noqa: S105 - printed on purpose: the demo's people are nobody
ZONE = "Asia/Shanghai"
CURRENCY = "CNY"
COMPANY = "杭州禾泰食品商贸有限公司"
METHODS = ("cash", "cheque", "transfer", "code")
CARRY_LIMIT_MINOR = 2_000_000
MONTH_TARGET_MINOR = 15_000_000
# An invented merchant account: a bank app that scans this code finds nobody.
PAYCODE = {
    "scheme": "emv",
    "tag": "26",
    "sub.00": "cn.example.hetai",
    "sub.01": "8800100200300",
    "mcc": "5141",
    "country": "CN",
    "name": "HANGZHOU HETAI FOODS",
    "city": "HANGZHOU",
    "language": "zh",
    "local_name": COMPANY,
    "local_city": "杭州",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who signs in."""

    login: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Account:
    """One of the company's bank accounts; the numbers belong to no bank."""

    name: str
    number: str


SALESPEOPLE = (
    Person("chenyu", "陈宇", "salesperson"),
    Person("linxia", "林夏", "salesperson"),
    Person("zhouming", "周明", "salesperson"),
)
SUPERVISOR = Person("wanglei", "王磊", "supervisor")
CASHIER = Person("zhangmin", "张敏", "cashier")
RECONCILER = Person("liuyang", "刘洋", "reconciler")
CREDIT = Person("sunli", "孙丽", "credit")
AUDITOR = Person("huangtao", "黄涛", "auditor")
ADMIN = Person("admin", "系统管理员", "admin")
PEOPLE = (*SALESPEOPLE, SUPERVISOR, CASHIER, RECONCILER, CREDIT, AUDITOR, ADMIN)

MAIN_ACCOUNT = Account("基本户 · 钱塘商业银行", "6200000000000000018")
CODE_ACCOUNT = Account("收款户 · 扫码与转账", "6200000000000000026")
ACCOUNTS = (MAIN_ACCOUNT, CODE_ACCOUNT)
