"""Benchmarks: what the fleet costs, measured on real processes. `make bench` runs all of them."""
