"""`fleet doctor`: everything that can be wrong with an installation, each with its mend.

findings   what a check says
machine    this machine: tools, browser, disk, memory, folders
database   reachable, migrated, of one source, its clock, its room
fleet      processes under PM2, scrapers, services, published files, spools, breakers
openings   who may enter, who is told
"""
