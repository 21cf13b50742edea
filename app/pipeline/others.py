"""What all sources but our own form say: a second ear for each component, so that the form alone never calls anybody.

The detector hears everything. Beside it a second one hears what does not come through the form, so three things hold by
construction: a rise of the form alone is only for a look, it is told as loudly as ever once others report the same, and
nothing is told later than it would be without a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.heard.brigading import why_quiet
from domain.incidents.signal import SignalState
from sentiment.form_votes import FormMinute, with_waiting, without_form
from sentiment.spikes import Bucket, Reading, Settings, State, observe
from sentiment.spikes.detector import duplicate

LIVE = frozenset({SignalState.OPEN, SignalState.RECOVERING})
KEPT_AS = " beside the form"  # after the component in the name of what is kept; no component's id has a blank


@dataclass(slots=True)
class Others:
    """The second detector; without a form (`on` is False) there is nothing to hear twice."""

    settings: Settings
    on: bool = False
    states: dict[str, State] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)

    def observe(self, component: str, bucket: Bucket, form: FormMinute, whole: State, *, muted: bool) -> Bucket:
        """Hear a minute without the form; give it as the first detector is to hear it.

        Args:
            component: whose minute it is.
            bucket: the minute with the form.
            form: what the form brought in it.
            whole: the first detector's state before this minute; a second ear that is new begins with a copy of it.
            muted: nobody is called about this component now.
        """
        if not self.on:
            return bucket
        state = self.states.get(component)
        if state is None:
            state = self.states[component] = duplicate(whole)
        reading = observe(state, without_form(bucket, form), self.settings, muted=muted)
        self.readings[component] = reading
        return bucket if self.why_quiet(component) else with_waiting(bucket, form)

    def why_quiet(self, component: str) -> str:
        """Say why a rise of this component calls nobody yet, "" when it may."""
        reading = self.readings.get(component)
        if not self.on or reading is None:
            return ""
        return why_quiet(has_opened=reading.state in LIVE, score=reading.score, enough=self.settings.bears_out)

    def louder(self, component: str, reading: Reading) -> Reading:
        """Choose what is told: the form must not hide what the others say without it."""
        beside = self.readings.get(component)
        return beside if beside is not None and beside.state in LIVE and reading.state not in LIVE else reading

    def restore(self, states: Mapping[str, State], kept: Mapping[str, State]) -> None:
        """Take up what was kept; where nothing was, begin with what the first detector knows."""
        self.states = {name: kept.get(name) or duplicate(state) for name, state in states.items()} if self.on else {}
