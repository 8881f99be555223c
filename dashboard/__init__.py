"""The web pages: what the fleet does and found, for its operator and for whoever reads odds. Server-rendered."""
