"""The built-in demonstration: an invented shop, its customers, and the people who answer them."""
