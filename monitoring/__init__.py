"""Watching the fleet: alert rules and their delivery, the watchdog, health and metrics."""
