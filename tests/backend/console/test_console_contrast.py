"""Whatever the console writes can be read: every text colour on every ground it stands on, in light and dark."""

import re
from pathlib import Path

import pytest

from tests.contrast import ENOUGH, ratio

CSS = (Path(__file__).resolve().parents[3] / "backend/console/static/console.css").read_text()
TEXT_ON = [
    *[("ink", ground) for ground in ("ground", "sheet", "sunk", "tint", "red-tint", "amber-tint", "green-tint")],
    *[("soft", ground) for ground in ("ground", "sheet", "sunk", "tint")],
    *[("accent", ground) for ground in ("ground", "sheet", "sunk", "tint")],
    *[(tone, ground) for tone in ("red", "amber", "green") for ground in ("ground", "sheet", "sunk", f"{tone}-tint")],
    *[(tone, "tint") for tone in ("red", "amber", "green")],  # the row that the keys have chosen
    ("on-accent", "accent"),
]


def variables(block):
    """Return the colours that a block of the style sheet sets, by name."""
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b", block))


def blocks():
    """Return the three tables of colours: light, dark by the system's wish, dark by the person's."""
    found = re.findall(r"\{[^{}]*--ground:[^{}]*\}", CSS)
    assert len(found) == 3
    return [variables(block) for block in found]


def test_dark_is_the_same_whoever_asked_for_it():
    _light, by_system, by_person = blocks()
    assert by_system == by_person
    assert len(by_system) > 15


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(theme, text, ground):
    colours = blocks()[theme]
    assert ratio(colours[text], colours[ground]) >= ENOUGH, f"{text} on {ground}"


def test_the_measure_itself_knows_black_on_white():
    assert round(ratio("#000000", "#ffffff"), 2) == 21
    assert ratio("#777777", "#ffffff") < ENOUGH
