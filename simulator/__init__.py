"""Bookmakers that speak the real wire formats, on loopback, from one evolving world. Stands alone."""
