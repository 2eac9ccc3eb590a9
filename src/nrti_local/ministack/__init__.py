"""The mechanism of the patches to ministack, and the list of all of them."""
