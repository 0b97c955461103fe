"""Every "no" the system can say: one row a refusal, with its HTTP status, what is wrong and what to do next."""

from __future__ import annotations

from typing import NamedTuple

from shared.language import N_, _


class Refusal(NamedTuple):
    """One row of the table; ``what`` and ``next`` are gettext message ids with ``%(name)s`` places."""

    status: int
    what: str
    next: str


class Refused(Exception):
    """A refusal with its code and the values for its sentence. Nothing is lost and nothing half-written."""

    def __init__(self, code: str, **values: object) -> None:
        """Refuse with a code of ``REFUSALS``; an unknown code is a programming error (``KeyError``)."""
        self.code = code
        self.values = values
        self.row = REFUSALS[code]
        super().__init__(code, values)

    @property
    def what(self) -> str:
        """The sentence that says what is wrong, in the language in force."""
        return sentence(self.row.what, self.values)

    @property
    def next(self) -> str:
        """The sentence that says what to do next, in the language in force."""
        return sentence(self.row.next, self.values)

    def __str__(self) -> str:
        """Say the whole refusal in one line."""
        return f"{self.what} {self.next} [{self.code}]"


def sentence(msgid: str, values: dict[str, object]) -> str:
    """Translate one of the table's sentences; a missing value leaves the sentence's place visible."""
    try:
        return _(msgid, **values)
    except (KeyError, TypeError, ValueError):
        return msgid


_TYPE_AGAIN = N_("Correct the amount and try again. Nothing was saved.")
_ASK_ADMIN = N_("Ask an administrator of your company.")
_SIGN_IN = N_("Sign in again. What this phone has recorded stays on it and will be sent.")
_CHOOSE_FILE = N_("Choose another file or correct this one; nothing was imported.")
_NOTHING_LOST = N_("Nothing was lost. A person at the office will look at it.")

REFUSALS: dict[str, Refusal] = {
    # money and identifiers
    "amount_unreadable": Refusal(422, N_("“%(text)s” is not an amount."), _TYPE_AGAIN),
    "amount_too_precise": Refusal(
        422, N_("“%(text)s” has more than %(digits)s digits after the decimal mark."), _TYPE_AGAIN
    ),
    "amount_too_large": Refusal(422, N_("The amount “%(text)s” is too large."), _TYPE_AGAIN),
    "amount_not_positive": Refusal(422, N_("The amount must be more than zero."), _TYPE_AGAIN),
    "currency_unknown": Refusal(
        422, N_("“%(currency)s” is not a currency code."), N_("Use a three-letter code such as CNY or USD.")
    ),
    "currency_mismatch": Refusal(
        422,
        N_("Amounts in %(expected)s and %(got)s cannot be put together."),
        N_("Record one payment for each currency."),
    ),
    "receipt_number_invalid": Refusal(
        422, N_("“%(number)s” is not a receipt number."), N_("Check each character against the paper.")
    ),
    "reference_invalid": Refusal(
        422, N_("“%(reference)s” is not a payment reference."), N_("Use 1 to 21 letters and digits.")
    ),
    # collection and allocation
    "method_unknown": Refusal(422, N_("“%(method)s” is not a payment method."), N_("Choose one of the methods shown.")),
    "allocation_not_positive": Refusal(422, N_("Every part put on an invoice must be more than zero."), _TYPE_AGAIN),
    "allocation_above_amount": Refusal(
        422, N_("The parts add up to more than the amount received."), N_("Lower a part, or raise the amount received.")
    ),
    "allocation_twice": Refusal(422, N_("One invoice is named twice."), N_("Put both parts into one.")),
    "customer_not_found": Refusal(
        404, N_("There is no such customer in your list."), N_("Search again, or ask your supervisor.")
    ),
    "invoice_not_found": Refusal(404, N_("There is no such invoice."), N_("Search again by number.")),
    "collection_not_found": Refusal(404, N_("There is no such collection."), N_("Search again by receipt number.")),
    "already_voided": Refusal(
        409, N_("Receipt %(number)s is voided already."), N_("Record a new payment if money was received.")
    ),
    "void_already_asked": Refusal(
        409, N_("A void of receipt %(number)s has been asked for already."), N_("Wait for the decision.")
    ),
    "reason_missing": Refusal(422, N_("A reason is needed."), N_("Write a short reason and try again.")),
    # approval
    "approval_own": Refusal(
        403, N_("Nobody approves or rejects what they recorded themselves."), N_("Ask another supervisor.")
    ),
    "already_decided": Refusal(409, N_("This has been decided already."), N_("Reload the list.")),
    # custody
    "custody_short": Refusal(
        422,
        N_("Only %(in_hand)s is in hand."),
        N_("Count again. If the count is right, ask your supervisor to look at the collections."),
    ),
    "custody_moved": Refusal(
        409,
        N_("Money of receipt %(number)s has been handed over or paid in already."),
        N_("Reject the request, or settle it with the person who holds the money."),
    ),
    "count_above_given": Refusal(
        422,
        N_("More was counted than the %(given)s that were given."),
        N_("Give the difference back, or ask the giver to hand over again."),
    ),
    "hand_over_to_self": Refusal(422, N_("Giver and receiver are the same person."), N_("Choose who receives.")),
    "hand_over_not_found": Refusal(
        404,
        N_("No hand-over with this code is waiting."),
        N_("Check the code. The giver's phone may still have to sync."),
    ),
    "deposit_date": Refusal(
        422,
        N_("A deposit of this money cannot be dated %(day)s."),
        N_("Choose a day from %(earliest)s to %(latest)s."),
    ),
    "bank_account_not_found": Refusal(404, N_("There is no such bank account."), N_("Choose one from the list.")),
    # sign-in, people, devices
    "sign_in_failed": Refusal(
        401, N_("User name or password is wrong."), N_("Try again, or ask an administrator to reset it.")
    ),
    "sign_in_wait": Refusal(429, N_("Too many wrong passwords."), N_("Wait %(seconds)s seconds and try again.")),
    "token_missing": Refusal(401, N_("You are not signed in."), N_("Sign in and try again.")),
    "token_invalid": Refusal(401, N_("The sign-in is not valid here."), _SIGN_IN),
    "token_expired": Refusal(401, N_("The sign-in has expired."), _SIGN_IN),
    "token_reused": Refusal(401, N_("This sign-in was used twice, so it was closed to be safe."), _SIGN_IN),
    "permission_missing": Refusal(403, N_("You may not do this (%(permission)s)."), _ASK_ADMIN),
    "user_disabled": Refusal(403, N_("This user has been switched off."), _ASK_ADMIN),
    "user_own": Refusal(
        409, N_("Nobody switches off or resets their own sign-in here."), N_("Ask another administrator.")
    ),
    "login_invalid": Refusal(
        422, N_("“%(login)s” cannot be a user name."), N_("Use letters, digits and . _ - @, at most 60 characters.")
    ),
    "role_unknown": Refusal(422, N_("There is no role “%(role)s”."), N_("Choose one of: %(roles)s.")),
    "language_unknown": Refusal(
        422, N_("The language “%(language)s” is not available."), N_("Choose Chinese or English.")
    ),
    "user_not_found": Refusal(404, N_("There is no such user."), N_("Choose one from the list.")),
    "user_exists": Refusal(409, N_("The user name “%(login)s” is taken."), N_("Choose another one.")),
    "password_weak": Refusal(422, N_("The password is too short."), N_("Use at least %(length)s characters.")),
    "device_not_found": Refusal(404, N_("There is no such device."), N_("Choose one from the list.")),
    "device_revoked": Refusal(
        403, N_("This device has been revoked."), N_("What it recorded before can still be sent. Ask an administrator.")
    ),
    "enrolment_code_invalid": Refusal(
        422, N_("The enrolment code is wrong, used or older than ten minutes."), N_("Ask for a new code.")
    ),
    # sync
    "operation_unreadable": Refusal(422, N_("The record cannot be read."), _NOTHING_LOST),
    "operation_unknown": Refusal(422, N_("The server does not know “%(kind)s” records."), _NOTHING_LOST),
    "operation_failed": Refusal(422, N_("The server could not book the record."), _NOTHING_LOST),
    "operation_conflict": Refusal(
        409, N_("A record with this number was sent before with other content."), _NOTHING_LOST
    ),
    "operation_gap": Refusal(
        409,
        N_("An earlier record of this phone has not arrived yet."),
        N_("It will be sent again by itself; keep the phone on."),
    ),
    "signature_invalid": Refusal(
        403, N_("The records were not signed by this phone's key."), N_("Enrol the phone again; nothing on it is lost.")
    ),
    "batch_unreadable": Refusal(400, N_("The message cannot be read."), N_("Update the app and try again.")),
    "batch_too_large": Refusal(413, N_("The message is too large."), N_("Send fewer records at a time.")),
    "cursor_invalid": Refusal(400, N_("The place to continue from is not valid."), N_("Load everything afresh.")),
    # imports of customers, invoices and bank statements
    "file_empty": Refusal(422, N_("The file has no rows."), _CHOOSE_FILE),
    "file_too_large": Refusal(413, N_("The file is larger than %(megabytes)s MB."), _CHOOSE_FILE),
    "file_unreadable": Refusal(422, N_("The file is not a table that can be read (%(place)s)."), _CHOOSE_FILE),
    "statement_unreadable": Refusal(
        422, N_("The file is not a bank statement that can be read (%(place)s)."), _CHOOSE_FILE
    ),
    "statement_format_unclear": Refusal(
        422, N_("The file could be read as %(formats)s."), N_("Name its format; nothing was imported.")
    ),
    "statement_other_account": Refusal(
        422,
        N_("The file holds several accounts (%(accounts)s), and none of them is %(number)s."),
        N_("Choose the right account, or correct its number."),
    ),
    "column_missing": Refusal(
        422,
        N_("The column “%(column)s” is not in the file."),
        N_("Correct the mapping; the file has: %(present)s."),
    ),
    "mapping_invalid": Refusal(422, N_("The mapping cannot be used: %(problem)s."), N_("Correct the mapping.")),
    "mapping_not_found": Refusal(404, N_("There is no saved mapping “%(name)s”."), N_("Choose one from the list.")),
    "row_value_missing": Refusal(
        422, N_("“%(column)s” is empty."), N_("Fill it in and import the file again; the other rows are in.")
    ),
    "date_unreadable": Refusal(
        422, N_("“%(text)s” is not a date of the form %(form)s."), N_("Correct the row or the mapping.")
    ),
    "customer_unknown": Refusal(
        422, N_("There is no customer with number “%(number)s”."), N_("Import the customers first.")
    ),
    "invoice_changed": Refusal(
        409,
        N_("Invoice %(number)s was imported before with another %(field)s."),
        N_("Issue a credit note or a further invoice; what was posted is never changed."),
    ),
    "import_not_found": Refusal(404, N_("There is no such import."), N_("Choose one from the list.")),
    # bank and matching
    "bank_line_not_found": Refusal(404, N_("There is no such bank line."), N_("Reload the list.")),
    "match_not_found": Refusal(404, N_("There is no such match."), N_("Reload the list.")),
    "match_taken": Refusal(
        409, N_("The bank line or the money is matched already."), N_("Undo the other match first.")
    ),
    "match_amount": Refusal(422, N_("The amounts differ by %(difference)s."), N_("Choose another candidate.")),
    "match_account": Refusal(
        422, N_("This deposit was paid in at another bank account."), N_("Choose another candidate.")
    ),
    "match_direction": Refusal(422, N_("Money out cannot be matched with money in."), N_("Choose another candidate.")),
    # the company and its settings
    "company_missing": Refusal(
        409, N_("No company has been set up here."), N_("Run “fieldtill company set”, or the demo.")
    ),
    "setting_invalid": Refusal(
        422, N_("“%(value)s” cannot be used for the setting “%(key)s”."), N_("Correct the value and try again.")
    ),
    # payment codes
    "paycode_unreadable": Refusal(
        422,
        N_("This is not a payment code that can be read (%(place)s)."),
        N_("Scan it again, or type the amount by hand."),
    ),
    "paycode_checksum": Refusal(
        422, N_("The payment code is damaged: its check digits are wrong."), N_("Scan it again, or make a new code.")
    ),
    "paycode_field": Refusal(
        422,
        N_("The payment code cannot be made: field %(field)s is not valid."),
        N_("Correct the field and try again."),
    ),
    "paycode_setting": Refusal(
        409,
        N_("The company's payment code is not set up: “%(field)s” is missing or not valid."),
        _ASK_ADMIN,
    ),
    "paycode_too_long": Refusal(
        422, N_("A text of %(length)s characters does not fit into a payment code."), N_("Use a shorter text.")
    ),
    "paylink_altered": Refusal(
        422,
        N_("This payment link is not genuine: its signature does not fit."),
        N_("Do not pay. Ask for a new link."),
    ),
    "paylink_expired": Refusal(410, N_("This payment link has expired."), N_("Ask for a new link.")),
    "plan_invalid": Refusal(
        422, N_("The plan cannot be used."), N_("Rates lie between 0 and 100 percent; amounts are not negative.")
    ),
    "plan_backdated": Refusal(422, N_("A further plan cannot start in the past."), N_("Let it start today or later.")),
    "customer_exists": Refusal(
        409, N_("There is a customer with number “%(number)s” already."), N_("Open it, or choose another number.")
    ),
    "invoice_exists": Refusal(
        409, N_("This customer has an invoice with number “%(number)s” already."), N_("Choose another number.")
    ),
    "invoice_sign": Refusal(
        422,
        N_("An invoice needs an amount above zero, a credit note one below zero."),
        N_("Correct the amount or the kind."),
    ),
    "salesperson_unknown": Refusal(
        422, N_("There is no salesperson “%(name)s”."), N_("Add the salesperson first, or correct the row.")
    ),
    "row_shape": Refusal(
        422,
        N_("The row has %(got)s fields, but the header has %(expected)s."),
        N_("Put quotation marks around values that contain the separator."),
    ),
    "row_twice": Refusal(
        422, N_("“%(number)s” stands in this file twice, with different values."), N_("Remove one of the two rows.")
    ),
    "value_too_long": Refusal(422, N_("“%(column)s” is longer than %(length)s characters."), N_("Shorten it.")),
    "bank_account_exists": Refusal(
        409, N_("There is a bank account with number “%(number)s” already."), N_("Choose it from the list.")
    ),
    "open_outside_amount": Refusal(
        422,
        N_("The open amount %(open)s does not lie between zero and the amount %(amount)s."),
        N_("Correct this row and import the file again; the other rows are not affected."),
    ),
    "row_kind_unknown": Refusal(
        422,
        N_("“%(text)s” is not a kind of document."),
        N_("Write invoice, credit note or opening balance."),
    ),
    "difference_not_found": Refusal(404, N_("There is no such difference."), N_("Reload the list.")),
    "settlement_above_open": Refusal(
        422, N_("Only %(open)s is open on this invoice."), N_("Settle at most that much.")
    ),
    "expected_not_found": Refusal(
        404, N_("This money is not expected any more."), N_("Reload the list; it may be matched, voided or rejected.")
    ),
    # demo
    "port_busy": Refusal(
        409,
        N_("Another program uses port %(port)s."),
        N_("Stop that program, or choose another port with %(option)s."),
    ),
    "demo_part_failed": Refusal(
        500, N_("“fieldtill %(part)s” has ended or does not answer."), N_("Its own messages above say why.")
    ),
    "demo_folder_taken": Refusal(
        409,
        N_("The folder %(folder)s holds a company's data that is not the demo's."),
        N_("Choose another folder with --data; nothing was changed."),
    ),
    # requests in general
    "request_invalid": Refusal(400, N_("The request is not valid: %(problem)s."), N_("Correct it and try again.")),
    "form_expired": Refusal(
        403, N_("This form is too old or did not come from this page."), N_("Load the page again and repeat the step.")
    ),
    "not_found": Refusal(404, N_("There is nothing at this address."), N_("Check the address.")),
    "method_not_allowed": Refusal(405, N_("This address does not take that request."), N_("Check the address.")),
    "request_too_large": Refusal(413, N_("The request is too large."), N_("Send less at a time.")),
    "server_failed": Refusal(
        500, N_("The server could not answer."), N_("Try again in a moment. If it stays so, tell an administrator.")
    ),
    "not_saved": Refusal(
        500, N_("The server could not save this."), N_("Nothing was half-written. Try again in a moment.")
    ),
    # phone
    "server_unreachable": Refusal(
        503, N_("The server cannot be reached."), N_("Go on working. Everything is kept and sent later.")
    ),
    "store_locked": Refusal(
        409,
        N_("This phone is open in another window."),
        N_("Close the other window, or start another phone with its own store."),
    ),
    "store_full": Refusal(
        507, N_("There is no room left on this phone, so nothing was saved."), N_("Free some room and try again.")
    ),
    "money_unsent": Refusal(
        409,
        N_("%(count)s records worth %(amount)s have not been sent yet."),
        N_("Sync first; then sign out."),
    ),
    "data_folder_busy": Refusal(
        409, N_("Another server process uses this data folder."), N_("Stop it, or choose another folder.")
    ),
}
