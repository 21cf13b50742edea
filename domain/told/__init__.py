"""Words on their way to customers: posts, subscribers, mailings."""
