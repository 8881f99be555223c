"""Two lists of events to the pairs that are the same match: what `fleet link` and the benchmark use.

events     rows to compact lists
sides      which names of the two lists can be one team, each pair of spellings compared once
learning   what links teach: leagues that correspond, spellings of one team
passes     one to one: what is clear first, then what follows from it
linking    whole lists, or day by day

What makes two events one match stands in normalizer.events.
"""
