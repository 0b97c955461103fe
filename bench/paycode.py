"""What a payment code costs: encode and draw as SVG (under 10 ms), decode (under 0.2 ms); beside the bare library.

.venv/bin/python bench/paycode.py
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage

from shared.ident import rf_reference
from shared.paycode import decode, image, payment_code

REFERENCE = rf_reference("INV10023")
ADDRESS = {"name": "Hetai AG", "street": "Rue du Lac", "number": "12", "postal_code": "2501", "town": "Biel"}
SETTINGS: dict[str, tuple[dict[str, str], str]] = {
    "pix": ({"key": "fin@hetai.example", "name": "HETAI", "city": "SAO PAULO"}, "BRL"),
    "promptpay": ({"mobile": "0810704060"}, "THB"),
    "vietqr": ({"bank": "970403", "account": "0011012345678"}, "VND"),
    "khqr": ({"account": "hetai@devb", "name": "HETAI", "city": "PHNOM PENH"}, "USD"),
    "epc": ({"name": "Hetai Foods", "iban": "BE72000000001616"}, "EUR"),
    "swiss": ({"iban": "CH5800791123000889012", **ADDRESS}, "CHF"),
    "spayd": ({"iban": "CZ5855000000001265098001"}, "CZK"),
    "paybysquare": ({"iban": "SK9611000000002918599669"}, "EUR"),
    "upi": ({"payee": "hetai@npci", "name": "Hetai"}, "INR"),
}


def milliseconds(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the best and the median time of one call in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return min(taken), statistics.median(taken)


def bare(payload: str) -> bytes:
    """Draw with the `qrcode` library alone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data(payload.encode())
    stream = BytesIO()
    code.make_image(image_factory=SvgPathImage).save(stream)
    return stream.getvalue()


def segno_svg() -> Callable[[str], object] | None:
    """Return segno's drawing where it happens to be installed (it is no dependency)."""
    if importlib.util.find_spec("segno") is None:
        return None
    import segno

    return lambda payload: segno.make(payload.encode(), error="m", micro=False).svg_inline()


def main() -> None:
    """Print one line a scheme: best and median in milliseconds."""
    other = segno_svg()
    print(f"{'best / median ms':14}{'chars':>6}{'encode+SVG':>16}{'qrcode alone':>16}{'segno':>16}{'decode':>16}")
    slow = []
    for scheme, (settings, currency) in SETTINGS.items():

        def make(settings: dict[str, str] = {"scheme": scheme, **settings}, currency: str = currency) -> str:  # noqa: B006
            return payment_code(settings, 128_050, currency, REFERENCE)

        payload = make()
        drawn = milliseconds(lambda make=make: image.svg(make()), 15)  # type: ignore[misc]
        alone = milliseconds(lambda payload=payload: bare(payload), 15)  # type: ignore[misc]
        third = milliseconds(lambda payload=payload: other(payload), 15) if other else None  # type: ignore[misc]
        read = milliseconds(lambda payload=payload: decode(payload), 200)  # type: ignore[misc]
        cells = [f"{best:.3f} / {median:.3f}" if best else "" for best, median in (drawn, alone, third or (0, 0), read)]
        print(f"{scheme:16}{len(payload):>6}" + "".join(f"{cell:>16}" for cell in cells))
        slow += [scheme] if drawn[0] >= 10 or read[0] >= 0.2 else []
    print(f"Over 10 ms or 0.2 ms at best: {', '.join(slow) or 'none'}")


if __name__ == "__main__":
    main()
