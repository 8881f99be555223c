"""The world in the wire formats of the platforms."""
