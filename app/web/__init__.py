"""The doors for the outside: page, feeds, report form, webhooks, Slack, the desk."""
