"""Alerts: readings are judged by rules, a state machine decides what is said, an outbox sees to it that it arrives.

readings/  what is there to judge: scrapers, services, spools, files, opportunities
rules      which readings are wrong, as data (`rules.json`)
alert, machine, telling   what becomes of it over time; pure
messages   the words
memory     where state and outbox live: the database, and a file for what is wrong when that is away
delivery/  the receivers
round      one look at everything
"""
