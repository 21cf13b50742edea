"""What the stand-in's Slack refuses, in Slack's own words."""

from __future__ import annotations

from collections.abc import Sequence


class SlackRefusal(Exception):
    """One of Slack's error codes, with the messages Slack adds for whoever wrote the layout."""

    def __init__(self, code: str, messages: Sequence[str] = ()) -> None:
        """`code` is Slack's, for example `channel_not_found`."""
        super().__init__(code)
        self.code = code
        self.messages = tuple(messages)

    def body(self) -> dict[str, object]:
        """Write the JSON that Slack answers (with status 200)."""
        answer: dict[str, object] = {"ok": False, "error": self.code}
        if self.messages:
            answer["errors"] = list(self.messages)
            answer["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return answer
