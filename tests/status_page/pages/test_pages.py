"""What customers see on the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from domain.component import Component
from domain.incidents.incident import Impact, Incident, IncidentStatus
from status_page.pages.pages import Typed
from status_page.pages.report_pages import ReportPages
from status_page.render import render_site
from status_page.words.report_words import REPORT_PROBLEMS
from tests.status_page.builders import (
    DELIVERY,
    LANGUAGES,
    NOW,
    PAYMENTS,
    SECRET,
    incident,
    joined,
    minutes,
    page,
    resolved,
    site,
    update,
    words,
)  # fmt: skip

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> & \"quotes\" 'x' \u202e flipped \x00\x07"


def test_every_language_has_every_page_and_the_first_language_is_the_front() -> None:
    files = render_site(site(incident()))
    for language in LANGUAGES:
        for name in ("index", "history", "report", "thanks", "incidents/inc_1"):
            assert f"{language}/{name}.html" in files
    assert b'<html lang="en" dir="ltr">' in files["index.html"]
    assert b'<html lang="tr"' in render_site(site(languages=("tr", "en")))["index.html"]


@pytest.mark.parametrize(
    ("language", "direction", "head"),
    [("en", "ltr", "All systems operational"), ("tr", "ltr", "Tüm sistemler çalışıyor"),
     ("fa", "rtl", "همهٔ بخش‌ها برقرارند")],
)  # fmt: skip
def test_the_headline_is_said_in_the_language_and_direction_of_the_page(
    language: str, direction: str, head: str
) -> None:
    soup = page(site(), f"{language}/index.html")
    assert soup.html is not None
    assert (soup.html["lang"], soup.html["dir"]) == (language, direction)
    assert soup.h1 is not None
    assert soup.h1.get_text() == head


def test_an_open_incident_is_never_under_a_green_headline() -> None:
    quiet = incident(update(components={}), impact=Impact.NONE)
    soup = page(site(quiet))
    assert soup.h1 is not None
    assert soup.h1.get_text() == "Some things do not work as they should"
    assert soup.select_one(".headline.operational") is None


def test_the_headline_names_the_incident_and_since_when() -> None:
    band = page(site(incident())).select_one(".headline")
    assert band is not None
    assert words(BeautifulSoup(str(band), "html.parser")).startswith(
        "Part of our service is not working Cards are declined · since 12:57 UTC"
    )


def test_a_green_page_says_when_it_was_written() -> None:
    soup = page(site())
    assert "As of 21 November 2026, 14:10 UTC" in words(soup)
    assert "Last updated 21 November 2026, 14:10 UTC" in words(soup)
    age = soup.select_one("#age")
    assert age is not None
    assert age["data-at"] == "2026-11-21T14:10:00.000Z"


def test_updates_stand_newest_first() -> None:
    known = incident(update(1), update(2, IncidentStatus.IDENTIFIED, at=NOW - minutes(20)))
    heads = [head.get_text() for head in page(site(known)).select(".updates .head strong")]
    assert heads == ["Cause found", "Investigating"]


def test_the_open_promise_is_shown_with_its_zone() -> None:
    known = incident(update(due=NOW + minutes(25)))
    assert "Next update by 14:35 UTC" in words(page(site(known)))
    assert "خبر بعدی حداکثر تا ساعت ۱۴:۳۵ UTC" in words(page(site(known), "fa/index.html"))


@pytest.mark.parametrize(
    ("due", "came", "says"),
    [
        (30, 30, "The last promised update came in time."),
        (30, 31, "The last promised update came 1 minute late."),
        (30, 37, "The last promised update came 7 minutes late."),
    ],
)
def test_the_page_says_whether_the_last_promise_was_kept(due: int, came: int, says: str) -> None:
    start = NOW - minutes(60)
    known = incident(
        update(1, at=start, due=start + minutes(due)),
        update(2, IncidentStatus.IDENTIFIED, at=start + minutes(came), due=NOW + minutes(5)),
    )
    assert says in words(page(site(known)))


def test_a_broken_promise_is_admitted() -> None:
    known = incident(update(due=NOW - minutes(5)))
    text = words(page(site(known)))
    assert "We are late: we promised an update by 14:05 UTC" in text
    assert "Next update by" not in text


def test_names_and_remarks_of_our_people_never_leave_the_house() -> None:
    public = joined(render_site(site(incident(), resolved())))
    assert SECRET not in public
    assert "internal remark" not in public
    assert "sig_1" not in public


def test_hostile_text_is_shown_as_text() -> None:
    texts = dict.fromkeys(LANGUAGES, HOSTILE + " **bold** [x](javascript:alert(3)) [ok](https://ok.example)")
    known = incident(update(texts=texts), titles=dict.fromkeys(LANGUAGES, HOSTILE))
    parts = (Component("payments", {"en": HOSTILE}), DELIVERY)
    files = render_site(site(known, brand=HOSTILE, brand_url="javascript:alert(4)", components=parts))
    for path, content in files.items():
        if path.endswith(".html"):
            soup = BeautifulSoup(content, "html.parser")
            assert all(script.get("src") and not script.get_text() for script in soup.find_all("script")), path
            assert soup.find("img") is None
            assert not [a for a in soup.find_all("a") if str(a.get("href")).startswith("javascript")]
            assert not [tag for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
            assert "\u202e" not in content.decode()
    said = BeautifulSoup(files["en/index.html"], "html.parser").select_one(".said")
    assert said is not None
    assert "<script>alert(1)</script>" in said.get_text()
    assert said.strong is not None
    assert said.strong.get_text() == "bold"
    links = [(a["href"], a["rel"]) for a in said.find_all("a")]
    assert links == [("https://ok.example", ["nofollow", "noopener"])]


def test_the_page_carries_no_inline_code_and_asks_nobody_else_for_anything() -> None:
    for path, content in render_site(site(incident(), resolved())).items():
        if not path.endswith(".html") or "embed/" in path:  # those stand in the frames of others (test_banner.py)
            continue
        soup = BeautifulSoup(content, "html.parser")
        policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})
        assert policy is not None
        assert "default-src 'none'" in str(policy["content"])
        assert "unsafe" not in str(policy["content"])
        assert soup.find("style") is None
        assert soup.find(style=True) is None
        loaded = [tag.get("src") or tag.get("href") for tag in soup.find_all(["script", "img", "iframe"])]
        loaded += [tag["href"] for tag in soup.select("link[rel=stylesheet], link[rel=icon]")]
        assert not [url for url in loaded if str(url).startswith(("http", "//"))]


def test_every_link_inside_the_site_leads_to_a_file() -> None:
    old = [resolved(f"inc_{n}", NOW - timedelta(days=40 * n)) for n in range(1, 7)]
    files = render_site(site(incident(), resolved(), *old))
    for path, content in files.items():
        if not path.endswith(".html"):
            continue
        soup = BeautifulSoup(content, "html.parser")
        ids = {tag["id"] for tag in soup.find_all(id=True)}
        for tag in soup.find_all(["a", "link", "script"]):
            target = str(tag.get("href") or tag.get("src"))
            if target.startswith("#"):
                assert target[1:] in ids, (path, target)
            elif not target.startswith(("http", "data:")):
                assert _resolve(path, target) in files, (path, target)


def _resolve(path: str, target: str) -> str:
    parts = path.split("/")[:-1]
    for step in target.split("/"):
        parts = parts[:-1] if step == ".." else [*parts, step]
    return "/".join(parts)


def test_a_text_missing_in_a_language_falls_back_visibly() -> None:
    known = incident(update(texts={"en": "Only English so far."}))
    soup = page(site(known), "fa/index.html")
    said = soup.select_one(".said")
    assert said is not None
    assert (said["lang"], said["dir"], said.get_text(strip=True)) == ("en", "ltr", "Only English so far.")
    assert "متن اصلی را می‌بینید" in words(soup)
    assert "original" not in words(page(site(known), "en/index.html"))


def test_the_language_switch_names_each_language_in_its_own_words() -> None:
    soup = page(site(incident()), "tr/incidents/inc_1.html")
    switch = soup.select_one(".languages")
    assert switch is not None
    assert [item.get_text(strip=True) for item in switch.find_all("li")] == ["English", "Türkçe", "فارسی"]
    assert [(a["href"], a["hreflang"]) for a in switch.find_all("a")] == [
        ("../../en/incidents/inc_1.html", "en"), ("../../fa/incidents/inc_1.html", "fa"),
    ]  # fmt: skip
    alternates = {link["hreflang"]: link["href"] for link in soup.select("link[hreflang]")}
    assert alternates["fa"] == "https://status.kiosk.example/fa/incidents/inc_1.html"


def test_a_page_in_one_language_has_no_switch() -> None:
    assert page(site(languages=("tr",)), "index.html").select_one(".languages") is None


def test_components_show_their_state_in_a_word_beside_the_icon() -> None:
    rows = page(site(incident())).select(".components > li")
    assert [(row["class"], row.select_one(".state").get_text(strip=True)) for row in rows] == [  # type: ignore[union-attr]
        (["partial_outage"], "Partial outage"), (["operational"], "Operational"),
    ]  # fmt: skip
    assert all(row.select_one("svg.icon") for row in rows)


def test_a_bar_is_described_in_words_and_says_what_it_rests_on() -> None:
    soup = page(site(resolved()))
    assert [bar["aria-hidden"] for bar in soup.select("svg.bar")] == ["true", "true"]
    said = [small.get_text() for small in soup.select(".components small")]
    assert said == ["99.92% available · 1 day with an incident", "100% available"]
    title = soup.select_one("svg.bar path.major_outage title")
    assert title is not None
    assert title.get_text() == "Major outage: 19 Nov"
    assert "not from measurements" in words(soup)


def test_availability_is_rounded_down_and_written_in_the_readers_form() -> None:
    short = resolved(lasted=minutes(1))
    assert "99.99% available" in words(page(site(short)))
    assert "%99,99 erişilebilir" in words(page(site(short), "tr/index.html"))
    assert "۹۹٫۹۹٪ در دسترس" in words(page(site(short), "fa/index.html"))


def test_an_ended_incident_tells_how_long_it_lasted_and_how_promises_were_kept() -> None:
    start = NOW - timedelta(days=1)
    known = incident(
        update(1, at=start, due=start + minutes(30)),
        update(2, IncidentStatus.IDENTIFIED, at=start + minutes(45), due=start + minutes(90)),
        update(3, IncidentStatus.RESOLVED, at=start + minutes(80)),
        started_at=start,
    )
    text = words(page(site(known), "en/incidents/inc_1.html"))
    assert "lasted 1 hour 20 minutes" in text
    assert "1 of 2 promised updates came in time." in text


@pytest.mark.parametrize(
    ("language", "wanted"),
    [("en", "Began 19 November 2026, 12:38 UTC, lasted 1 hour 32 minutes"),
     ("tr", "başlangıç: 19 Kasım 2026, 12:38 UTC; 1 saat 32 dakika sürdü"),
     ("fa", "آغاز: ۲۸ آبان ۱۴۰۵، ساعت ۱۲:۳۸ UTC؛ مدت: ۱ ساعت و ۳۲ دقیقه")],
)  # fmt: skip
def test_the_moment_beside_an_ended_incident_is_called_its_beginning(language: str, wanted: str) -> None:
    files = render_site(site(resolved()))
    for name in ("incidents/inc_old", "index", "history", "history/" + ("1405-08" if language == "fa" else "2026-11")):
        text = BeautifulSoup(files[f"{language}/{name}.html"], "html.parser").get_text()
        assert wanted in " ".join(text.split()), name


@pytest.mark.parametrize(("language", "label"), [("en", "Affected"), ("tr", "Etkilenen bileşenler")])
def test_an_ended_incident_says_what_was_affected_without_the_colour_of_an_outage(language: str, label: str) -> None:
    path = f"{language}/incidents/inc_old.html"
    affected = page(site(resolved()), path).select_one(".affected")
    assert affected is not None
    assert affected.get_text().startswith(f"{label}:")
    assert [tag["class"] for tag in affected.select("li")] == [["tag"]]
    assert affected.select_one("svg") is None
    opened = page(site(incident(id="inc_old")), path)
    assert [tag["class"] for tag in opened.select(".tags li")] == [["tag", "partial_outage"]]
    assert opened.select_one(".affected") is None


@pytest.mark.parametrize(("of", "offered"), [(resolved("inc_1"), True), (incident(), False)])
def test_an_ended_incident_offers_the_report_form_where_an_open_one_offers_me_too(of: Incident, offered: bool) -> None:
    article = page(site(of), "tr/incidents/inc_1.html").article
    assert article is not None
    assert [a["href"] for a in article.select("a.button")] == (["../../tr/report.html"] if offered else [])
    assert (article.select_one("form.too") is None) is offered
    formless = page(site(of, report_form=False), "tr/incidents/inc_1.html").article
    assert formless is not None
    assert formless.select("a.button, form") == []


def test_dates_are_jalali_with_persian_digits_for_persian_readers() -> None:
    text = words(page(site(resolved()), "fa/incidents/inc_old.html"))
    assert "۲۸ آبان ۱۴۰۵" in text
    assert "۱ ساعت و ۳۲ دقیقه" in text
    assert not set("0123456789") & set(text)


def test_history_goes_by_the_months_of_the_readers_calendar() -> None:
    old = [resolved(f"inc_{n}", NOW - timedelta(days=30 * n)) for n in range(6)]
    files = render_site(site(*old))
    english, persian = (BeautifulSoup(files[f"{lang}/history.html"], "html.parser") for lang in ("en", "fa"))
    assert [h.get_text() for h in english.find_all("h2")][:2] == ["November 2026", "October 2026"]
    assert [h.get_text() for h in persian.find_all("h2")][:2] == ["آبان ۱۴۰۵", "مهر ۱۴۰۵"]
    months = [str(a["href"]) for a in english.select(".months a")]
    assert months == ["history/2026-08.html", "history/2026-07.html", "history/2026-06.html"]
    assert all(f"en/{path}" in files for path in months)
    for soup_path in months:
        assert "hreflang" not in str(BeautifulSoup(files[f"en/{soup_path}"], "html.parser").head)


def test_the_front_page_keeps_two_weeks_of_ended_incidents() -> None:
    soup = page(site(resolved("inc_new", NOW - timedelta(days=13)), resolved("inc_late", NOW - timedelta(days=15))))
    assert [str(a["href"]) for a in soup.select(".days-list a")] == ["incidents/inc_new.html"]


def test_the_report_form_works_without_a_script() -> None:
    form = page(site(), "fa/report.html").form
    assert form is not None
    assert (form["method"], form["action"]) == ("post", "/report")
    fields = {str(tag["name"]): tag for tag in form.find_all(["input", "select", "textarea"])}
    assert list(fields) == ["language", "proof", "component", "text", "contact", "website"]
    assert fields["language"]["value"] == "fa"
    assert [option["value"] for option in fields["component"].find_all("option")] == ["", "payments", "delivery"]
    assert fields["text"].has_attr("required")
    assert not fields["contact"].has_attr("required")
    assert fields["website"]["tabindex"] == "-1"
    labelled = {label["for"] for label in form.find_all("label")}
    assert {"component", "text", "contact", "website"} <= labelled


def test_what_is_wrong_with_a_report_is_said_in_the_readers_language() -> None:
    said = set()
    for language in LANGUAGES:
        assert page(site(), f"{language}/report.html").select("[role=alert], [aria-invalid]") == []
        for problem in REPORT_PROBLEMS:
            drawn = ReportPages(site()).report(language, problem, Typed())
            (alert,) = BeautifulSoup(drawn, "html.parser").select("[role=alert]")
            said.add(alert.get_text())
    assert len(said) == len(LANGUAGES) * len(REPORT_PROBLEMS)


def test_a_page_below_a_path_sends_reports_there() -> None:
    form = page(site(public_url="https://kiosk.example/status"), "en/report.html").form
    assert form is not None
    assert form["action"] == "/status/report"


def test_without_the_form_nothing_points_to_it() -> None:
    files = render_site(site(incident(), report_form=False))
    assert not [path for path in files if "report" in path or "thanks" in path]
    assert "report.html" not in joined(files)


def test_a_strange_incident_id_cannot_leave_its_folder() -> None:
    files = render_site(site(incident(id="../../etc/passwd")))
    assert not [path for path in files if ".." in path or "passwd" in path]
    assert len([path for path in files if path.startswith("en/incidents/inc_")]) == 1


def test_the_same_site_gives_the_same_bytes_whatever_the_order_of_its_incidents() -> None:
    known = [incident(), resolved(), resolved("inc_b", NOW - timedelta(days=50))]
    assert render_site(site(*known)) == render_site(site(*reversed(known)))


def test_the_page_of_an_ended_incident_does_not_change_while_time_goes_on() -> None:
    before, after = (render_site(site(resolved(), now=NOW + minutes(wait))) for wait in (0, 600))
    for language in LANGUAGES:
        path = f"{language}/incidents/inc_old.html"
        assert before[path] == after[path]
    assert before["index.html"] != after["index.html"]


def test_the_first_view_is_light() -> None:
    many = [Component(f"c{n}", {"en": f"Component {n}"}) for n in range(40)]
    files = render_site(site(incident(), resolved(), components=(PAYMENTS, *many)))
    front = BeautifulSoup(files["index.html"], "html.parser")
    loaded = [str(tag.get("href") or tag.get("src")) for tag in front.select("link[rel=stylesheet], script, img")]
    assert len(loaded) == 3, "one style sheet, one script, and the one behind “I have this too”"
    assert sum(len(files[path]) for path in ["index.html", *loaded]) < 50_000


def test_an_incident_on_a_component_that_is_gone_still_has_its_page() -> None:
    soup = page(site(incident(), components=(DELIVERY,)), "en/incidents/inc_1.html")
    assert "Cards are declined" in words(soup)
