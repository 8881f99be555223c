"""Who may do what with the pages, and what keeps others' pages from doing it in their name."""
