"""Whether two events are one match: what the fleet's matcher and the linker of lists share.

sides      the two sides of an event, and how far two sides agree
judging    names, kick-offs, leagues and prices together: every threshold stands there
assigning  one to one, the clearest first
"""
