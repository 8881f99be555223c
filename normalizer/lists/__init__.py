"""Two lists of events to the pairs that are the same match: what `fleet link` and the benchmark use.

events     rows to compact lists
sides      which names of the two lists can be one team, each pair of spellings compared once
learning   what links teach: leagues that correspond, spellings of one team
verdict    whether one pair of events is one match: every threshold stands there
passes     one to one: what is clear first, then what follows from it
linking    whole lists, or day by day
"""
