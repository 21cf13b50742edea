"""What the page says after “I have this too”."""

from __future__ import annotations

from status_page.words.incident_words import N_

# name of the page -> (its title, what it says)
TOO_PAGES = {
    "thanks": (
        N_("Thank you"),
        N_("We have noted that you have this too. If you left a mail address, we write there when it is solved."),
    ),
    "over": (
        N_("This is not open any more"),
        N_("The problem you wanted to report is solved, or is told elsewhere on our pages. "
           "If something still does not work for you, please report it."),
    ),
    "bad-contact": (
        N_("I have this too"), N_("We cannot write to this mail address. Please check it, or leave it empty."),
    ),
}  # fmt: skip
