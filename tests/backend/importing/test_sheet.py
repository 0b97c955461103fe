"""Reading files as tables: encodings, separators, quotes, and everything that is no table."""

import io
import random
from datetime import datetime

import openpyxl
import pytest

from backend.importing import sheet
from shared.refusal import Refused

DAY = datetime(2026, 3, 2)  # noqa: DTZ001 - a spreadsheet's date has no zone
CHINESE = "客户编号,客户名称\nC001,杭州西湖商贸\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_chinese_is_read_in_every_usual_encoding(encoding):
    assert sheet.read(CHINESE.encode(encoding))[1].cells == ("C001", "杭州西湖商贸")


def test_western_text_is_not_taken_for_chinese():
    content = "Name;Ort\nMüller;Köln\nGrün & Söhne;Zürich\n".encode("cp1252")
    assert sheet.read(content)[1].cells == ("Müller", "Köln")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_found(mark):
    content = f"number{mark}name\nC1{mark}Wang, Li\n" if mark != "," else 'number,name\nC1,"Wang, Li"\n'
    assert sheet.read(content.encode())[1].cells == ("C1", "Wang, Li")


def test_quoted_line_breaks_keep_the_line_numbers_of_the_file():
    rows = sheet.read(b'number,name\nC1,"two\nlines"\nC2,x\n')
    assert [row.line for row in rows] == [1, 2, 4]
    assert rows[1].raw == 'C1,"two\nlines"'


def test_padding_back_ticks_and_excel_texts_are_taken_off():
    assert sheet.read(b'a,b,c\n`1001\t," x ","=""007"""\n')[1].cells == ("1001", "x", "007")


def garbage(size):
    return random.Random(7).randbytes(size)


BROKEN = [
    (b"", "file_empty"),
    (b" \r\n\r\n", "file_empty"),
    (b"PK\x03\x04 this is no workbook", "file_unreadable"),
    (b"number,name\nC1,a\0b\n", "file_unreadable"),
    (b"number,name\nC1,\x07bell\n", "file_unreadable"),
    (b"number,name\nC1,\xff\x81 neither\n", "file_unreadable"),
    (b'number,name\nC1,"never closed\nC2,x\nC3,y\n', "file_unreadable"),
    (garbage(10 * 1024 * 1024), "file_unreadable"),
    (b"x" * (10 * 1024 * 1024 + 1), "file_too_large"),
]


@pytest.mark.parametrize(("content", "code"), BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_is_no_table_is_refused(content, code):
    with pytest.raises(Refused) as refused:
        sheet.read(content, "file.csv")
    assert refused.value.code == code


def test_a_quotation_that_never_ends_is_named_by_its_line():
    with pytest.raises(Refused) as refused:
        sheet.read(b'number,name\nC0,y\nC1,"never closed\nC2,x\n')
    assert refused.value.values["place"] == "line 3"


def test_a_workbook_keeps_long_numbers_dates_and_texts():
    book = openpyxl.Workbook()
    book.active.append(["number", "amount", "day", "id"])
    book.active.append(["007", 1200.5, DAY, "6222021234567890123"])
    book.active.append([611365, 3, DAY, None])
    content = io.BytesIO()
    book.save(content)
    rows = sheet.read(content.getvalue(), "x.xlsx")
    assert rows[1].cells == ("007", "1200.5", "2026-03-02", "6222021234567890123")
    assert rows[2].cells[:3] == ("611365", "3", "2026-03-02")


FIELDS = {"number": ("编号", "number"), "name": ("名称", "name")}
REQUIRED = (("number",), ("name",))


def test_the_header_is_found_below_a_preamble_and_its_repetitions_are_left_out():
    rows = sheet.read("账单\n导出时间,2026\n编号,名称\n1,甲\n编号,名称\n2,乙\n".encode())
    table = sheet.table(rows, FIELDS, REQUIRED)
    assert [row.cells for row in table.rows] == [("1", "甲"), ("2", "乙")]


def test_a_header_of_full_width_letters_is_recognised():
    rows = sheet.read("ＮＵＭＢＥＲ,Name \n1,x\n".encode())
    assert sheet.table(rows, FIELDS, REQUIRED).columns == {"number": 0, "name": 1}


def test_a_missing_column_is_named_with_those_that_are_there():
    with pytest.raises(Refused) as refused:
        sheet.table(sheet.read(b"number,title\n1,x\n"), FIELDS, REQUIRED)
    assert refused.value.code == "column_missing"
    assert refused.value.values == {"column": "名称 / name", "present": "number, title"}


def test_a_header_without_rows_is_an_empty_file():
    with pytest.raises(Refused) as refused:
        sheet.table(sheet.read(b"number,name\n"), FIELDS, REQUIRED)
    assert refused.value.code == "file_empty"


def test_an_unquoted_separator_in_a_value_is_seen():
    table = sheet.table(sheet.read(b"number,name\n1,Wang,Li\n2,x,,\n"), FIELDS, REQUIRED)
    with pytest.raises(Refused) as refused:
        sheet.fields_of(table.rows[0], table.columns, 2)
    assert refused.value.code == "row_shape"
    assert sheet.fields_of(table.rows[1], table.columns, 2) == {"number": "2", "name": "x"}
