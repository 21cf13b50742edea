"""To the customers: the page, its feeds and API, the words of posts and answers."""
