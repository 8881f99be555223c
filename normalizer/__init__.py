"""From names to identities: which match a bookmaker's event is. Pure: no I/O, no clock.

names       a printed name taken apart: words, category, state
vocabulary  the tables behind it
similarity  how far two names agree, and what speaks against it
catalogue   teams, their spellings, leagues and matches in memory
matching    events to matches, as a whole and one to one
"""
