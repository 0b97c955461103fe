"""The console's pages, each seen by the person whose work it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.pages import ConsolePage

if TYPE_CHECKING:
    from tools.shots.camera import Camera

STATEMENT = (
    "交易日期,摘要,收入金额,支出金额,余额,对方户名,对方账号,附言,流水号\n"
    "{day},转账收入,1280.00,,1280.00,杭州某商店,,货款,T1\n"
    "{day},手续费,,35.50,1244.50,,,,T2\n"
    "坏日期,转账收入,1.00,,1245.50,,,,T3\n"
)
CUSTOMERS = (
    "客户编号,客户名称,业务员,电话\nN901,湖滨新客户超市,chenyu,13800000001\nN902,,chenyu,\nN903,另一家,nobody,\n"
)


class Tour:
    """A browser page of the console with a camera."""

    def __init__(self, desk: ConsolePage, camera: Camera, folder: Path, password: str, noise: list[str]) -> None:
        """Take the page over; ``noise`` is what the browser complained of so far."""
        self.desk, self.page, self.url = desk, desk.page, desk.url
        self.camera, self.folder, self.password, self.noise = camera, folder, password, noise

    def quietly(self, status: int) -> None:
        """Forget the complaint about an answer that was asked for."""
        self.noise[:] = [text for text in self.noise if f"status of {status}" not in text]

    def enter(self, login: str) -> None:
        """Sign a person in, in the camera's language."""
        self.desk.sign_in(login, self.password)
        cookie = {"name": "fieldtill_language", "value": self.camera.language, "url": self.url}
        self.page.context.add_cookies([cookie])

    def see(self, path: str, name: str) -> None:
        """Open a page and photograph it."""
        if self.camera.wants(f"console-{name}"):
            self.desk.go(path)
            self.camera.console(self.page, name)

    def press(self, path: str, selector: str, name: str, *before: tuple[str, str]) -> None:
        """Open a page, give files, press a button and photograph what comes."""
        if not self.camera.wants(f"console-{name}"):
            return
        self.desk.go(path)
        for field, value in before:
            self.page.set_input_files(field, value)
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()
        self.camera.console(self.page, name)

    def follow(self, path: str, selector: str, name: str) -> None:
        """Open a page, follow a link to a record and photograph it."""
        if self.camera.wants(f"console-{name}"):
            self.desk.go(path)
            self.page.goto(self.url + str(self.page.locator(selector).first.get_attribute("href")))
            self.camera.console(self.page, name)


def tour(view: Tour) -> None:
    """Photograph every page."""
    strangers(view)
    supervisor(view)
    cashier(view)
    reconciler(view)
    auditor(view)
    admin(view)
    view.enter("sunli")
    view.see("", "home-credit")
    view.enter("chenyu")
    view.see("", "home-salesperson")
    view.see("/incentive", "incentive-own")
    refused(view)


def strangers(view: Tour) -> None:
    """The door, and the door after a wrong password."""
    cookie = {"name": "fieldtill_language", "value": view.camera.language, "url": view.url}
    view.page.context.add_cookies([cookie])
    view.see("/sign-in", "sign-in")
    if view.camera.wants("console-sign-in-refused"):
        view.page.fill("input[name=login]", "wanglei")
        view.page.fill("input[name=password]", "wrong")
        view.page.locator("button.main").click()
        view.page.wait_for_load_state()
        view.camera.console(view.page, "sign-in-refused")
        view.quietly(401)


def supervisor(view: Tour) -> None:
    """What is to be approved, and the books behind it."""
    view.enter("wanglei")
    view.see("", "dashboard")
    view.see("/approvals", "approvals")
    if view.camera.wants("console-approvals-asking"):
        view.desk.go("/approvals")
        view.page.locator("details.ask summary").first.click()
        view.camera.console(view.page, "approvals-asking")
    view.press("/approvals", "button[form=many]", "approvals-preview")
    view.see("/customers", "customers")
    view.see("/customers?overdue=1", "customers-overdue")
    view.follow("/customers?overdue=1", "tr[data-href] a", "customer")
    view.see("/invoices", "invoices")
    view.follow("/invoices", "tr[data-href] a", "invoice")
    view.see("/collections", "collections")
    view.follow("/collections", "tr[data-href] a", "collection")
    view.see("/collections?q=nothing-like-it", "collections-empty")
    view.see("/search?q=%E8%B6%85%E5%B8%82", "search")
    view.see("/incentive", "incentive")
    view.follow("/incentive", "main tr a", "incentive-person")


def cashier(view: Tour) -> None:
    """Cash that is counted."""
    view.enter("zhangmin")
    view.see("", "home-cashier")
    view.see("/money", "money")


def reconciler(view: Tour) -> None:
    """The bank's side."""
    view.enter("liuyang")
    view.see("", "home-reconciler")
    view.see("/bank", "bank")
    view.follow("/bank", "h2 a", "bank-lines")
    statement = view.folder / "statement.csv"
    statement.write_text(STATEMENT.format(day=datetime.now(UTC).date()), encoding="gb18030")
    view.press("/bank", "form[enctype] button.main", "bank-preview", ("input[type=file] >> nth=0", str(statement)))
    view.see("/matching", "matching")


def auditor(view: Tour) -> None:
    """What proves the rest."""
    view.enter("huangtao")
    view.see("", "home-auditor")
    view.see("/controls", "control")
    view.see("/audit", "audit")
    view.see("/audit/verify", "audit-verify")


def admin(view: Tour) -> None:
    """People, phones, settings and imports."""
    view.enter("admin")
    view.see("", "home-admin")
    view.see("/users", "users")
    view.see("/devices", "devices")
    view.press("/devices", "main form button.main", "device-code")
    view.see("/settings", "settings")
    view.see("/imports", "imports")
    view.see("/imports/customers", "import-upload")
    customers = view.folder / "customers.csv"
    customers.write_text(CUSTOMERS, encoding="utf-8")
    view.press("/imports/customers", "main form button.main", "import-preview", ("input[type=file]", str(customers)))


def refused(view: Tour) -> None:
    """A page that the role may not see, and an address that nobody knows."""
    for path, name, status in (("/settings", "refused", 403), ("/no-such-page", "not-found", 404)):
        if view.camera.wants(f"console-{name}"):
            view.page.goto(f"{view.url}/console{path}")
            view.camera.console(view.page, name)
            view.quietly(status)
