"""Results of finished matches from a results site, round by round (docs/results.md).

records       what a page of the site says, typed
vocabulary    its words for statistics and for minutes, and ours
html          reading its HTML without trusting it
round_page    the list of a round to records; pure
match_page    the page of a match to records; goals: who scored and when; pure
site          where it is and how it is asked
answering     whether it still answers
rows          records as the SQL functions of migration 0022 take them
importer      one run: what is due, round by round, the database asked first; report: what it did
taking        the matches of a round, one call for each
linking       which match of the catalogue a result is
settlement    what a bet paid, by the score; pure
"""
