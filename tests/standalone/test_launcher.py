"""What the launcher finds out before it starts anything; the rest is tests/fleet/test_make.py."""

from __future__ import annotations

import socket

import pytest

from standalone.launcher import LaunchError, check_port_is_free, warn_about_shell_secrets


def test_a_port_of_somebody_else_is_told_by_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(LaunchError, match=rf"{port}.*SIMULATOR_PORT"):
            check_port_is_free("127.0.0.1", port, "SIMULATOR_PORT")
    check_port_is_free("127.0.0.1", port, "SIMULATOR_PORT")


def test_secrets_of_the_shell_are_named_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", "s3cret-word")
    warn_about_shell_secrets()
    said = capsys.readouterr().err
    assert "SUPABASE_SERVICE_ROLE_KEY" in said
    assert "s3cret-word" not in said
