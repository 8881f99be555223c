"""A results site beside the bookmakers, with the pages of ogol.com.br (docs/results.md).

play      what happened in a match: goals, cards, figures
rounds    which matches a round of a league has, and what the site calls them
pages     the HTML of a round and of a match
site      addresses, and what has to be brought to be let in
"""
