"""`hubbub check-config`: all problems of settings, parts and environment, nothing else."""

from __future__ import annotations

import pytest

from tests.app.cli.running import Hubbub


def test_good_settings_have_no_problems(hubbub: Hubbub) -> None:
    code, out, err = hubbub("check-config", "-c", hubbub.config)
    assert (code, err) == (0, "")
    assert out == f"{hubbub.config}: 1 sources, 1 components, no problems.\n"


def test_problems_of_every_part_are_listed_at_once(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch) -> None:
    text = hubbub.config.read_text().replace("type: replay", "type: repla")
    extra = "publishers: [{type: mastodon, name: town}]\nslack: {mode: socket}\n"
    hubbub.config.write_text(text + extra)
    code, _, err = hubbub("check-config", "-c", hubbub.config)
    assert code == 2
    for words in ("did you mean `replay`?", "publishers.town.base_url", "HUBBUB_SECRET_TOWN",
                  "HUBBUB_SLACK_BOT_TOKEN", "HUBBUB_SLACK_APP_TOKEN"):  # fmt: skip
        assert words in err


def test_an_unknown_variable_is_a_problem_and_its_value_is_not_shown(
    hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_SLACK_TOKN", "xoxb-hunter2")
    code, _, err = hubbub("check-config", "-c", hubbub.config)
    assert code == 2
    assert "HUBBUB_SLACK_TOKN: is not known; did you mean HUBBUB_SLACK_BOT_TOKEN?" in err
    assert "hunter2" not in err
