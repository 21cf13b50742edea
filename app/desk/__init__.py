"""The two desks: the only writers of cases, signals and incidents, whoever asks (Slack, the web desk, the clock)."""
