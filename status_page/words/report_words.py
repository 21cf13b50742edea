"""What the page says to customers who report: what is wrong with a report, and what follows “I have this too”."""

from __future__ import annotations

from dataclasses import dataclass

from status_page.words.incident_words import N_


@dataclass(frozen=True, slots=True)
class Notice:
    """A page of a few words, as messages of the catalogue, with one link."""

    title: str
    words: str
    way: str = N_("Current state")  # what the link says
    path: str = ""  # where it leads, in the folder of the language


LOST = Notice(N_("There is no such page."), N_("The address may be mistyped or old."))
UNREADABLE = Notice(
    N_("The form could not be read."), N_("Nothing was sent or changed. Please go back and try again."),
)  # fmt: skip
TOO_OFTEN = Notice(
    N_("Not sent yet"), N_("That was too often, so this was not sent. Please try again in ten minutes."),
)  # fmt: skip
TOO_LARGE = Notice(
    N_("Not sent yet"), N_("This report is too long. Please go back and shorten it to 5,000 characters."),
    N_("Report a problem"), "report.html",
)  # fmt: skip
FOREIGN = Notice(
    N_("Not sent yet"), N_("This form does not come from our page. Please use the one here."),
    N_("Report a problem"), "report.html",
)  # fmt: skip

# what is wrong with a report -> (the field it is about, what the form says when it comes back)
REPORT_PROBLEMS = {
    "empty": ("text", N_("Not sent yet: please tell us in a few words what happened.")),
    "too_long": ("text", N_("Not sent yet: this report is too long. Please shorten it to 5,000 characters.")),
    "bad_contact": (
        "contact", N_("Not sent yet: we cannot send to this email address. Please correct it or leave it empty."),
    ),
    "too_often": ("", TOO_OFTEN.words),
}  # fmt: skip

# name of the page -> (its title, what it says)
TOO_PAGES = {
    "thanks": (
        N_("Thank you"),
        N_("We have noted that you have this too. If you left an email address, we write there when it is solved."),
    ),
    "over": (
        N_("This is not open any more"),
        N_("The problem you wanted to report is solved, or is told elsewhere on our pages. "
           "If something still does not work for you, please report it."),
    ),
}  # fmt: skip
