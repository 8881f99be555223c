"""The board: what is on offer now, followed from the database, and what is made of it."""
