"""Help: what each kind of work in the console does, in a few plain answers."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from backend.console.view import View
from backend.guards import signed_in
from shared.language import N_, _

ANSWERS = (
    (
        N_("Where is every unit of money?"),
        N_(
            "With the customer, in somebody's hands, on its way to the bank, or in the account. Money shows who"
            " holds what; Control totals prove that nothing is in two places or none."
        ),
    ),
    (
        N_("What does an approval do?"),
        N_(
            "It says that a recorded payment is believed. It stops neither hand-over nor deposit nor matching. "
            "A rejection leaves the cash where it is and opens the invoices again."
        ),
    ),
    (
        N_("How is a hand-over confirmed?"),
        N_(
            "The giver reads six digits from the phone. The cashier types them with the counted amount. What is"
            " missing goes to the giver's variance; a hand-over that was a mistake is refused with a reason."
        ),
    ),
    (
        N_("Can a file be imported twice?"),
        N_(
            "Yes. What is known adds nothing, a bad row never loses the rest, and what a file says differently "
            "waits under Differences for a second person."
        ),
    ),
    (
        N_("What is matched by itself?"),
        N_(
            "A bank line that names our own reference, or whose amount fits one expected amount only. "
            "Everything else waits for you: j and k move, y matches, n refuses. Undoing a match is one action."
        ),
    ),
    (
        N_("What can never be undone?"),
        N_("Nothing about money is changed or deleted. Undoing is always a further record, with who, when and why."),
    ),
)


@get("/help", name="console.help", guards=[signed_in])
async def help_page(view: NamedDependency[View]) -> Response[Any]:
    """Show the questions with their answers."""
    return view.show("help.html", answers=[(_(question), _(answer)) for question, answer in ANSWERS])


PAGES = [help_page]
