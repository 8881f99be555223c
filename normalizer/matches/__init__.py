"""A bookmaker's events to matches of the catalogue: decided for the event as a whole, one to one.

links        what is asked, what was decided
sides        the two sides of events and matches, and how far they agree
judging      whether an event is a match: every threshold
candidates   which matches it could be
assigning    which event takes which match
lending      one sure side speaks for both, where nothing contradicts
deciding     the decision as a link, with the spellings it teaches
creating     matches that nobody listed before
resolving    all of it together
explaining   the same, step by step, for a person
"""
