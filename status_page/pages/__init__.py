"""The same facts for people: HTML pages and what they are made from."""
