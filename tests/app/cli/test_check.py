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


def test_words_of_the_owner_are_looked_at_before_customers_read_them(hubbub: Hubbub) -> None:
    texts = "{en: 'Our bank failed us.', tr: '{since} çalışmıyor. Arıyoruz.', fa: '{next_update} خبر می‌دهیم.'}"
    own = f"update_templates: [{{name: Bank, phase: identified, texts: {texts}}}]\n"
    hubbub.config.write_text(hubbub.config.read_text() + own)
    code, out, err = hubbub("check-config", "-c", hubbub.config)
    assert code == 0
    assert "no problems" in out
    assert err == "update_templates: Bank, en: it does not say what we do now or when we write again\n"
