"""What the page and the posts say, in every language: texts, dates, lengths."""
