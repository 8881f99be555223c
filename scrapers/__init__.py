"""What bookmakers publish: declarations, records, platforms (requests and pure parsers), fetching."""
