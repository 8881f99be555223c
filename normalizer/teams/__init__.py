"""Which team a printed name means, without an event around it.

words      one skeleton for the ways a word is transliterated; how near two words are, how much one can say
cities     cities by their names in other languages, and how large they are
reading    a name as it is looked up
index      spellings by their words: who could be meant
alignment  which words of two names stand for each other, and what is left over
agreement  what speaks for and against one spelling, as figures between 0 and 1 or so
model      the figures weighed: how sure an answer is
spellings  a catalogue's names, ready to be looked up
resolver   all of it together: an answer, or "not sure", and why
"""
