"""bet365: BetsAPI's JSON (a licensed provider), and the site's own pipe-delimited text as captured."""
