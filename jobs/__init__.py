"""Work that is not a loop: it begins, does what is due, and ends."""
