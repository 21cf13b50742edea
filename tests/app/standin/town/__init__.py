"""The stand-ins, driven as the product and its visitors drive them."""
