"""The customers' side of an incident, and the scorecard: gathered from the store, written as HTML, Markdown, JSON."""
