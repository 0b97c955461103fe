"""`fieldtill paycode`: make, read and draw payment codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import paycode as codes
from shared.clock import SystemClock, to_ms
from shared.ident import uuid7
from shared.language import _
from shared.paycode import image as drawing
from shared.paycode import paylink
from shared.paycode.ask import Signer
from shared.paycode.paylink import PayLink
from shared.paycode.profiles import EMV, NATIONAL
from shared.refusal import Refused
from sync import signing

# The words of the schemes that are not tables of words themselves, for `fieldtill paycode schemes`.
_WORDS = {
    "epc": "name iban amount bic purpose reference text note",
    "swiss": "iban creditor{name street number postal_code town country} amount currency debtor{…} reference message "
    "bill_info procedure_1 procedure_2",
    "spayd": "account amount currency variable_symbol specific_symbol constant_symbol message payee due_on reference "
    "other_accounts checksum …",
    "paybysquare": "iban bic amount currency variable_symbol constant_symbol specific_symbol reference note due_on "
    "payee address_1 address_2 invoice_id accounts[] further[]",
    "upi": "payee name amount currency reference note mcc transaction minimum url …",
    "paylink": "url collector request amount currency expires reference (public_key signature, or --key)",
    "opaque": "payload",
}
# Refusals about an amount, a currency or a reference are named for it; the others carry the field or place.
_FIELD_OF = ("amount", "currency", "reference")


@click.group()
def paycode() -> None:
    """Payment codes: what a bank app or wallet scans."""


@paycode.command()
@click.argument("scheme", type=click.Choice(tuple(codes.SCHEMES)))
@click.option("--json", "words", required=True, help="The code's words as a JSON object, or - for standard input.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Device key for a paylink.")
def encode(scheme: str, words: str, key: Path | None) -> None:
    """Print the payload of a code.

    Its words are those that `decode` prints and `schemes` lists. The amount is a plain decimal ("1280.50"). An
    EMVCo scheme also takes "static", a printed code that becomes dynamic by the amount, or "fields", values by path.
    A paylink is signed with --key, a file holding the private Ed25519 key as 64 hexadecimal digits.
    """
    try:
        given = _words(sys.stdin.read() if words == "-" else words)
        click.echo(_signed(given, key) if scheme == "paylink" and key else codes.encode(scheme, given))
    except Refused as refused:
        _refuse(refused)


@paycode.command()
@click.argument("payload")
def decode(payload: str) -> None:
    """Print a code's scheme and words as JSON ("-" reads standard input); a refusal as JSON with exit status 2.

    A paylink's signature and expiry are checked too. Whether its key is a collector's device, the server knows.
    """
    try:
        raw = sys.stdin.buffer.read() if payload == "-" else payload.encode(errors="surrogateescape")
        found = codes.decode(raw.removesuffix(b"\n").removesuffix(b"\r"))
        if found["scheme"] == "paylink":
            paylink.verify(paylink.from_words(found), signing.verify, to_ms(SystemClock().now()))
    except Refused as refused:
        _refuse(refused)
    click.echo(json.dumps(found, ensure_ascii=False))


@paycode.command()
@click.argument("payload")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.svg or .png")
@click.option("--module", "module_px", default=8, show_default=True, type=click.IntRange(1, 64), help="Module in px.")
def image(payload: str, output: Path, module_px: int) -> None:
    """Draw a payload ("-" reads standard input) as SVG or PNG, by the file's name; a broken one is refused."""
    text = sys.stdin.read().removesuffix("\n") if payload == "-" else payload
    kind = output.suffix.lower()
    if kind not in (".svg", ".png"):
        raise click.BadParameter(_("The file's name must end in .svg or .png."), param_hint="-o")
    try:
        codes.decode(text)
        drawn = drawing.png(text, module_px=module_px) if kind == ".png" else drawing.svg(text, module_px=module_px)
    except Refused as refused:
        _refuse(refused)
    output.write_bytes(drawn if isinstance(drawn, bytes) else drawn.encode())


@paycode.command()
def schemes() -> None:
    """List the schemes and the words that each takes."""
    for name in codes.SCHEMES:
        profile = next((one for one in (EMV, *NATIONAL) if one.scheme == name), None)
        click.echo(f"{name:12} {' '.join((*profile.words, 'static', 'fields')) if profile else _WORDS[name]}")


def _words(text: str) -> dict[str, object]:
    """Read a JSON object; its numbers stay texts, so that no amount passes through a float."""
    try:
        words = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise Refused("paycode_field", field="json") from None
    if not isinstance(words, dict):
        raise Refused("paycode_field", field="json")
    return words


def _signed(words: dict[str, object], key: Path) -> str:
    now_ms = to_ms(SystemClock().now())
    made = {"request": uuid7(now_ms), "expires": str(now_ms // 1000 + 86_400)}
    private = key.read_text(encoding="ascii", errors="replace").strip()
    try:
        public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)).public_key().public_bytes_raw().hex()
    except ValueError:
        raise Refused("paycode_field", field="key") from None
    link: PayLink = paylink.from_words({**made, **words})
    signer = Signer(link.collector, public, lambda message: signing.sign(private, message))
    return paylink.encode(paylink.sign(link, signer))


def _refuse(refused: Refused) -> NoReturn:
    kind = refused.code.partition("_")[0]
    field = kind if kind in _FIELD_OF else refused.values.get("field") or refused.values.get("place")
    answer = {"refused": refused.code, "field": field or "checksum", "title": refused.what, "detail": refused.next}
    if kind == "paylink":
        answer["field"] = "expires" if refused.code == "paylink_expired" else "signature"
    click.echo(json.dumps(answer, ensure_ascii=False))
    sys.exit(2)


COMMANDS = [paycode]
