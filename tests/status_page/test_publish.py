"""Publishing: a visitor sees the old site or the new one; a failure leaves the old one standing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from domain.errors import PermanentError, TemporaryError
from status_page.publish import KEEP, publish_site
from status_page.render import render_site
from tests.status_page.builders import LANGUAGES, incident, site


def files(mark: str) -> dict[str, bytes]:
    """Make a small site whose every file says the same."""
    paths = ("index.html", "en/index.html", "en/incidents/inc_1.html", "api/v2/summary.json", f"assets/page.{mark}.css")
    return {path: mark.encode() for path in paths}


def all_files(folder: Path) -> dict[str, bytes]:
    """Read the site through its links."""
    return {
        str(Path(where, name).relative_to(folder)): Path(where, name).read_bytes()
        for where, _, names in os.walk(folder, followlinks=True)
        for name in names
        if not str(Path(where, name).relative_to(folder)).startswith(".")
    }


def test_a_site_appears_in_a_new_folder(tmp_path: Path) -> None:
    publish_site(files("one"), tmp_path / "a" / "site")
    assert all_files(tmp_path / "a" / "site") == files("one")


def test_an_existing_folder_keeps_what_belongs_to_others(tmp_path: Path) -> None:
    (tmp_path / "robots.txt").write_text("User-agent: *")
    (tmp_path / "index.html").write_text("an older page, put here by hand")
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "index.html").write_text("older still")
    publish_site(files("one"), tmp_path)
    assert all_files(tmp_path) == files("one") | {"robots.txt": b"User-agent: *"}


def test_the_next_version_replaces_all_of_the_old_one_but_its_assets(tmp_path: Path) -> None:
    publish_site({**files("one"), "tr/index.html": b"one"}, tmp_path)
    publish_site(files("two"), tmp_path)
    found = all_files(tmp_path)
    assert found.pop("assets/page.one.css") == b"one", "a page fetched a moment ago still asks for it"
    assert found == files("two")
    assert "tr" not in {found.name for found in tmp_path.iterdir()}


def test_publishing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    publish_site(files("one"), tmp_path)
    before = (tmp_path / ".current").readlink()
    publish_site(files("one"), tmp_path)
    assert (tmp_path / ".current").readlink() == before
    assert len(list((tmp_path / ".versions").iterdir())) == 1


def test_old_versions_and_drafts_of_crashed_runs_are_pruned(tmp_path: Path) -> None:
    for number in range(6):
        publish_site(files(f"n{number}"), tmp_path)
        (tmp_path / ".versions" / f"draft-{number}").mkdir()
        os.utime(tmp_path / ".versions" / f"draft-{number}", (number, number))
    publish_site(files("last"), tmp_path)
    left = [found.name for found in (tmp_path / ".versions").iterdir()]
    assert len(left) == KEEP
    assert all_files(tmp_path)["index.html"] == b"last"


def test_a_reader_never_sees_a_mix(tmp_path: Path) -> None:
    publish_site(files("0"), tmp_path)
    stop, mixes = threading.Event(), list[str]()

    def look() -> None:
        while not stop.is_set():
            if not (tmp_path / "index.html").read_bytes():
                mixes.append("an empty page")
            version = (tmp_path / ".current").resolve()
            with suppress(FileNotFoundError):  # read so slowly that the version is pruned already
                seen = {
                    (version / path).read_bytes() for path in ("index.html", "en/index.html", "api/v2/summary.json")
                }
                if len(seen) != 1:
                    mixes.append(str(seen))

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for number in range(1, 30):
            publish_site(files(str(number)), tmp_path)
    finally:
        stop.set()
        reader.join()
    assert mixes == []


@pytest.mark.parametrize("broken", [{}, {"en/index.html": b"x"}])
def test_a_site_without_a_front_page_is_refused(tmp_path: Path, broken: dict[str, bytes]) -> None:
    publish_site(files("one"), tmp_path)
    with pytest.raises(PermanentError, match=r"index\.html"):
        publish_site(broken, tmp_path)
    assert all_files(tmp_path) == files("one")


@pytest.mark.parametrize("path", ["../out.html", "/etc/out.html", "en/../../out.html", ".current/x.html", ""])
def test_a_path_that_leaves_the_site_is_refused(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "site"
    with pytest.raises(PermanentError, match="does not belong in a site"):
        publish_site({"index.html": b"x", path: b"x"}, folder)
    assert not folder.exists()


def test_a_file_where_the_folder_should_be_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("in the way")
    with pytest.raises(PermanentError, match=r"The page could not be written to .*site: .*; the old page stays"):
        publish_site(files("one"), tmp_path / "site")


def test_a_folder_where_a_file_should_be_leaves_the_old_page(tmp_path: Path) -> None:
    publish_site(files("one"), tmp_path)
    clash = {**files("two"), "en/index.html/below.html": b"x"}
    with pytest.raises(PermanentError):
        publish_site(clash, tmp_path)
    assert all_files(tmp_path) == files("one")
    assert [found.name for found in (tmp_path / ".versions").iterdir() if found.name.startswith("draft")] == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 256 kB; needs root and the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False
        )
    except OSError as err:
        pytest.skip(f"no mount command: {err}")
    if done.returncode:
        pytest.skip(f"cannot mount a small disk here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=False)


def test_a_full_disk_leaves_the_old_page_and_recovers(small_disk: Path) -> None:
    publish_site(files("one"), small_disk)
    with pytest.raises(TemporaryError, match=r"No space left on device; the old page stays"):
        publish_site({**files("two"), "en/big.html": bytes(400_000)}, small_disk)
    assert all_files(small_disk) == files("one")
    publish_site(files("three"), small_disk)
    assert all_files(small_disk)["index.html"] == b"three"


def test_a_limit_on_file_size_stands_in_for_a_full_disk(tmp_path: Path) -> None:
    """Runs anywhere: a process that may not write more than 64 kB to a file fails like one on a full disk."""
    publish_site(files("one"), tmp_path)
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from domain.errors import ServiceError; from status_page.publish import publish_site\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "try: publish_site({'index.html': b'two', 'en/big.html': bytes(400_000)}, Path(sys.argv[1]))\n"
        "except ServiceError as err: print(type(err).__name__, err)\n"
    )
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=root, capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("TemporaryError The page could not be written to")
    assert all_files(tmp_path) == files("one")
    assert len(list((tmp_path / ".versions").iterdir())) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_said_plainly(tmp_path: Path) -> None:
    publish_site(files("one"), tmp_path)
    (tmp_path / ".versions").chmod(0o500)
    with pytest.raises(PermanentError, match="Permission denied"):
        publish_site(files("two"), tmp_path)
    (tmp_path / ".versions").chmod(0o700)
    assert all_files(tmp_path) == files("one")


def test_unchanged_files_keep_their_date_so_that_copies_elsewhere_send_only_what_is_new(tmp_path: Path) -> None:
    first = publish_site({**files("one"), "en/old.html": b"as ever"}, tmp_path)
    os.utime(first / "en/old.html", (1, 1))
    second = publish_site({**files("two"), "en/old.html": b"as ever"}, tmp_path)
    assert second != first
    assert (second / "en/old.html").stat().st_mtime == 1
    assert (second / "en/old.html").samefile(first / "en/old.html")
    assert (second / "index.html").read_bytes() == b"two"
    assert (first / "index.html").read_bytes() == b"one", "what changed is a file of its own"


def test_the_version_is_a_plain_folder_without_links(tmp_path: Path) -> None:
    version = publish_site(files("one"), tmp_path)
    assert {str(found.relative_to(version)) for found in version.rglob("*") if found.is_file()} == set(files("one"))
    assert not [found for found in version.rglob("*") if found.is_symlink()]


def test_a_version_that_is_being_carried_away_is_not_removed(tmp_path: Path) -> None:
    carried = publish_site(files("one"), tmp_path)
    for number in range(KEEP + 2):
        publish_site(files(f"n{number}"), tmp_path, in_use=carried)
    assert (carried / "index.html").read_bytes() == b"one"
    publish_site(files("last"), tmp_path)
    assert not carried.exists()


def test_a_robots_txt_of_the_owners_stays_and_one_of_ours_comes_and_goes(tmp_path: Path) -> None:
    ours = {**files("one"), "robots.txt": b"ours"}
    publish_site(ours, tmp_path / "new")
    assert (tmp_path / "new" / "robots.txt").read_bytes() == b"ours"
    publish_site(files("two"), tmp_path / "new")
    assert not (tmp_path / "new" / "robots.txt").exists()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "robots.txt").write_bytes(b"theirs")
    publish_site(ours, tmp_path / "theirs")
    assert (tmp_path / "theirs" / "robots.txt").read_bytes() == b"theirs"


def test_a_rendered_site_comes_out_whole(tmp_path: Path) -> None:
    made = render_site(site(incident()))
    publish_site(made, tmp_path)
    assert all_files(tmp_path) == made
    assert {language for language in LANGUAGES if (tmp_path / language / "index.html").is_file()} == set(LANGUAGES)
