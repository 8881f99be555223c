"""The processes of the fleet and what they share: settings, logs, stopping, the loop and the cycle."""
