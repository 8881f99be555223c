"""A provider of fixtures beside the bookmakers, in the shape of the SportMonks Football API v3 (docs/fixtures.md).

holdings  what it knows: leagues, seasons, teams, fixtures, as plain records
nations   which country a league and a club is of
world     the holdings that are the simulated world: what bookmakers list, under the clubs' own names
large     ten thousand times more of it, invented, to measure an import
payloads  a record as the API's JSON
api       addresses, pages, token, rate limit
"""
