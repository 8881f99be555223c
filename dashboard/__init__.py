"""The web pages, health and metrics: what the operator and the reader of the board look at."""
