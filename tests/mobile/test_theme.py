"""The phone works in bright sun: every text colour on every ground it stands on, in light and dark."""

import pytest

from mobile import theme
from tests.contrast import ENOUGH, ratio

GROUNDS = ("surface", "surface_container_low", "surface_container", "surface_container_high")
TEXT_ON = [
    *[(text, ground) for text in ("on_surface", "on_surface_variant", "primary") for ground in GROUNDS],
    *[(text, ground) for text in ("secondary", "tertiary", "error") for ground in GROUNDS[:3]],
    *[(f"on_{name}", name) for name in ("primary", "secondary", "tertiary", "error")],
    *[(f"on_{name}_container", f"{name}_container") for name in ("primary", "secondary", "tertiary", "error")],
    ("on_surface_variant", "surface_container_highest"),  # a button that cannot be pressed says why
    ("on_inverse_surface", "inverse_surface"),
]


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(colours, text, ground):
    assert ratio(colours[text], colours[ground]) >= ENOUGH, f"{text} on {ground}"


def test_light_and_dark_name_the_same_colours():
    assert theme.LIGHT.keys() == theme.DARK.keys()
