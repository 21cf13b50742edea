"""Those who asked to be told of news: they sign up, confirm, change and stop; each public word goes out to them."""
