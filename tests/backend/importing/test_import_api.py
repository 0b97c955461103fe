"""Imports over HTTP: anonymous first, then the wrong role, then files that are none."""

import pytest

from tests import builders

ID = "00000000-0000-7000-8000-00000000abcd"
CUSTOMERS = {"file": ("c.csv", "客户编号,客户名称\nC1,甲\nC2,\n".encode(), "text/csv")}
INVOICES = {"file": ("i.csv", "客户编号,发票号码,开票日期,金额\nC001,F1,2026-01-02,5.00\n".encode(), "text/csv")}
MAPPING = {"kind": "invoices", "columns": {"number": "No", "customer": "Cust", "issued": "Date", "amount": "Sum"}}
GUARDED = [
    ("GET", "/api/imports", {}),
    ("GET", f"/api/imports/{ID}/refused", {}),
    ("POST", "/api/imports/customers/preview", {"files": CUSTOMERS}),
    ("POST", "/api/imports/invoices/preview", {"files": INVOICES}),
    ("POST", "/api/imports/customers", {"files": CUSTOMERS}),
    ("POST", "/api/imports/invoices", {"files": INVOICES}),
    ("GET", "/api/imports/mappings/invoices", {}),
    ("PUT", "/api/imports/mappings/mine", {"json": MAPPING}),
    ("GET", "/api/imports/differences", {}),
    ("POST", f"/api/imports/{ID}/differences/{ID}/accept", {}),
    ("POST", f"/api/imports/{ID}/differences/{ID}/dismiss", {}),
]


@pytest.mark.parametrize(("method", "path", "options"), GUARDED)
async def test_anonymous_imports_nothing(client, method, path, options):
    answer = await client.request(method, path, **options)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


@pytest.mark.parametrize(("method", "path", "options"), GUARDED)
async def test_a_salesperson_imports_nothing(client, headers, people, method, path, options):
    answer = await client.request(method, path, headers=await headers(people.salesperson), **options)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")


async def test_customers_are_previewed_and_imported(client, headers, people):
    who = await headers(people.admin)
    preview = (await client.post("/api/imports/customers/preview", files=CUSTOMERS, headers=who)).json()
    assert (preview["new_count"], preview["refused_count"], preview["import_id"]) == (1, 1, "")
    done = (await client.post("/api/imports/customers", files=CUSTOMERS, headers=who)).json()
    assert [(row["line"], row["code"]) for row in done["refused"]] == [(3, "row_value_missing")]
    again = (await client.get(f"/api/imports/{done['import_id']}/refused", headers=who)).json()
    assert again == done["refused"]


async def test_a_saved_mapping_reads_invoices(client, headers, people, database, clock):
    async with database.writing() as session:
        await builders.add_customer(session, clock, people.salesperson)
    who = await headers(people.reconciler)
    assert (await client.put("/api/imports/mappings/mine", json=MAPPING, headers=who)).status_code == 204
    saved = (await client.get("/api/imports/mappings/invoices", headers=who)).json()
    assert [one["name"] for one in saved] == ["mine"]
    file = {"file": ("i.csv", b"No,Cust,Date,Sum\nF1,C001,2026-01-02,5.00\n", "text/csv")}
    done = await client.post("/api/imports/invoices", files=file, data={"saved": "mine"}, headers=who)
    assert (done.status_code, done.json()["new_count"]) == (201, 1)


BROKEN = [
    (b"", {}, 422, "file_empty"),
    ("客户编号,发票号码,开票日期,金额\n".encode(), {}, 422, "file_empty"),
    (b"a,b\n1,2\n", {}, 422, "column_missing"),
    (b"\x00\x01\x02", {}, 422, "file_unreadable"),
    (b"x" * (10 * 1024 * 1024 + 1), {}, 413, "file_too_large"),
    (b"a,b\n1,2\n", {"mapping": "{"}, 422, "mapping_invalid"),
    (b"a,b\n1,2\n", {"mapping": '{"kind":"customers","columns":{}}'}, 422, "mapping_invalid"),
    (b"a,b\n1,2\n", {"saved": "nobody's"}, 404, "mapping_not_found"),
    (b"a,b\n1,2\n", {"as_of": "yesterday"}, 422, "date_unreadable"),
]


@pytest.mark.parametrize(("content", "form", "status", "code"), BROKEN, ids=range(len(BROKEN)))
async def test_a_broken_file_is_a_clear_refusal(client, headers, people, content, form, status, code):
    who = await headers(people.reconciler)
    answer = await client.post("/api/imports/invoices", files={"file": ("i.csv", content)}, data=form, headers=who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
