"""From names to identities: which match a bookmaker's event is. Pure: no I/O, no clock.

names       a printed name taken apart: words, category, state (folding: its letters, marks: what is hard in it)
vocabulary  the tables behind it
teams       a team by its name alone
similarity  how far two names agree without a catalogue, by the same words
leagues     a league by its name alone
events      whether two events are one match: sides, thresholds, one to one
catalogue   teams, their spellings, leagues and matches in memory
match_index which of the matches are near an event
matching    a bookmaker's events to matches of the catalogue, as a whole and one to one (the parts: matches)
lists       two lists of events to pairs, judged by the same events
evaluate    the doors through which all of it is measured
"""
