"""Scrape cycles as jobs: which worker of which machine collects a bookmaker next.

placing   how many bookmakers each worker should hold; pure
queue     what a worker says to the database and hears from it
"""
