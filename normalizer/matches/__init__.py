"""A bookmaker's events to matches of the catalogue: decided for the event as a whole, one to one.

links        what is asked, what was decided
sides        the two sides of events and matches, and what is known of them
candidates   which matches an event could be, each held against it
platforms    what other brands of its platform decided
lending      where one sure side must not speak for both
deciding     the decision as a link, with the spellings it teaches
known_teams  a side of a new match as a team of the catalogue
creating     matches that nobody listed before
resolving    all of it together
explaining   the same, step by step, for a person

What makes two events one match stands in normalizer.events.
"""
