"""`fieldtill paycode`: encode, decode, image."""

import json
from io import BytesIO

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from backend.cli import cli
from shared.paycode import SCHEMES
from sync.signing import new_key

PIX = {"key": "fin@hetai.example", "name": "HETAI", "city": "SAO PAULO", "amount": "12.30", "reference": "RF61INV10023"}
LINK = {"url": "https://pay.example/c", "collector": "usr-7", "amount": "12.50", "currency": "CNY"}


def run(*arguments, given=None):
    return CliRunner().invoke(cli, ["paycode", *arguments], input=given)


def encoded(scheme, words, *more):
    result = run("encode", scheme, "--json", json.dumps(words), *more)
    assert result.exit_code == 0, result.output
    return result.stdout.strip("\n")


def refused(result):
    assert result.exit_code == 2
    answer = json.loads(result.stdout)
    return answer["refused"], answer["field"]


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "device.key"
    path.write_text(new_key()[0] + "\n")
    return str(path)


def test_a_code_is_made_and_read():
    payload = encoded("pix", PIX)
    found = json.loads(run("decode", payload).stdout)
    assert found["scheme"] == "pix"
    assert {word: found[word] for word in PIX} == PIX
    assert encoded("pix", found) == payload


def test_a_number_never_passes_through_a_float():
    payload = run("encode", "pix", "--json", json.dumps(PIX).replace('"12.30"', "12345678.10")).stdout
    assert json.loads(run("decode", payload.strip()).stdout)["amount"] == "12345678.10"


def test_standard_input_is_read_whole():
    words = {"name": "Hetai Käserei", "iban": "BE72000000001616", "amount": "5.00"}
    payload = run("encode", "epc", "--json", "-", given=json.dumps(words)).stdout
    assert json.loads(run("decode", "-", given=payload).stdout)["name"] == "Hetai Käserei"
    latin = payload.replace("\n1\n", "\n2\n").encode("iso8859-1")
    assert json.loads(run("decode", "-", given=latin).stdout)["name"] == "Hetai Käserei"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("hello", ("paycode_unreadable", "63")),
        ("", ("paycode_unreadable", "63")),
        (b"\xff\x00", ("paycode_unreadable", "encoding")),
        ("BCD\n002\n1\nSCT\n\nHetai\nBE72000000001617\nEUR5", ("paycode_unreadable", "iban")),
    ],
)
def test_a_bad_code_is_refused_as_json_with_status_two(payload, expected):
    assert refused(run("decode", "-", given=payload)) == expected


def test_a_wrong_checksum_is_named():
    assert refused(run("decode", encoded("pix", PIX)[:-4] + "0000")) == ("paycode_checksum", "checksum")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('{"key": "x", "name": "H", "city": "C", "amount": "1,5"}', ("amount_unreadable", "amount")),
        ('{"key": "x", "name": "H", "city": "C", "amount": "-1"}', ("amount_not_positive", "amount")),
        ('{"name": "H", "city": "C"}', ("paycode_field", "key")),
        ("[]", ("paycode_field", "json")),
        ("{", ("paycode_field", "json")),
        ("[" * 100_000, ("paycode_field", "json")),
    ],
)
def test_bad_words_are_refused_by_name(words, expected):
    assert refused(run("encode", "pix", "--json", "-", given=words)) == expected


def test_a_pay_link_is_signed_and_checked(key):
    link = encoded("paylink", LINK, "--key", key)
    assert json.loads(run("decode", link).stdout)["amount"] == "12.50"
    assert refused(run("decode", link.replace("a=12.50", "a=1.25"))) == ("paylink_altered", "signature")
    expired = encoded("paylink", {**LINK, "expires": "1700000000"}, "--key", key)
    assert refused(run("decode", expired)) == ("paylink_expired", "expires")


def test_a_file_without_a_key_signs_nothing(tmp_path):
    (tmp_path / "key").write_text("禾泰")
    result = run("encode", "paylink", "--json", json.dumps(LINK), "--key", str(tmp_path / "key"))
    assert refused(result) == ("paycode_field", "key")


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_picture_is_drawn(tmp_path, suffix):
    payload, path = encoded("pix", PIX), tmp_path / f"code.{suffix}"
    assert run("image", payload, "-o", str(path)).exit_code == 0
    if suffix == "png":
        assert zxingcpp.read_barcodes(Image.open(BytesIO(path.read_bytes())))[0].text == payload
    else:
        assert path.read_text().startswith("<svg")


def test_a_broken_code_is_not_drawn(tmp_path):
    path = tmp_path / "code.png"
    assert refused(run("image", encoded("pix", PIX)[:-1] + "!", "-o", str(path)))[0] == "paycode_checksum"
    assert run("image", encoded("pix", PIX), "-o", str(tmp_path / "code.gif")).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_every_scheme_is_listed_with_its_words():
    lines = run("schemes").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(SCHEMES)
    assert all(len(line.split()) > 1 for line in lines)
