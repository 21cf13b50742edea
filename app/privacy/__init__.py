"""People's data: masked where it leaves the store, given out and erased on their word, forgotten with age."""
