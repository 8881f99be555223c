"""Addresses for programs: JSON in and out, the token with every request (security/access.py)."""

from __future__ import annotations

from dashboard.api import jobs

routes = jobs.routes
