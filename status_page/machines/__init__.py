"""The same facts for programs: Statuspage API, feeds, calendar, badges, banner, webhook body."""
