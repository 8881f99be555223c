"""Every setting of the fleet, read from the environment or `.env` in this one place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from scrapers.errors import DeclarationError
from scrapers.fetching.proxy_list import parse_proxies

ROOT = Path(__file__).resolve().parent.parent
MOST_WORKERS = 16
"""Cycle workers of one kind on one machine."""


class Settings(BaseSettings):
    """Validated settings. Secrets are SecretStr, so that printing them shows stars.

    odds_source  "simulator", "live", or "replay:<folder>"
    data_dir     everything the fleet writes on this machine; relative paths are taken from the repository root
    """

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    supabase_url: str | None = None
    supabase_service_role_key: SecretStr | None = None
    database_url: SecretStr | None = Field(
        None, validation_alias=AliasChoices("DATABASE_URL", "SUPABASE_CONNECTION_STRING")
    )
    odds_source: str = "simulator"
    data_dir: Path = Path("var")
    simulator_port: int = Field(8787, ge=1, le=65535)
    simulator_seed: int = 1
    simulator_guarded: bool = True
    simulator_matches_a_day: int = Field(2, ge=1, le=6)
    simulator_large_catalogue: bool = False
    embedded_port: int = Field(54329, ge=1, le=65535)
    browser_path: Path | None = None
    browsers_at_once: int = Field(1, ge=1, le=8)
    start_spread_s: float = Field(15, ge=0, le=300)
    workers_http: int = Field(2, ge=0, le=MOST_WORKERS)
    workers_browser: int = Field(1, ge=0, le=MOST_WORKERS)
    worker_bookmakers: str = "all"
    worker_slots: int = Field(4, ge=1, le=16)
    worker_heartbeat_s: float = Field(3.0, ge=0.2, le=60)
    run_services: bool = True
    publish_dir: Path | None = None
    publish_bucket: str = "odds"
    publish_interval_s: float = Field(2.0, ge=0.2, le=60)
    price_max_age_s: float = Field(180, ge=10, le=3600)
    surebet_min_profit: float = Field(0.0, ge=0, le=1)
    surebet_max_age_s: float = Field(90, ge=1, le=3600)
    surebet_max_skew_s: float = Field(60, ge=0, le=3600)
    surebet_outlier: float = Field(1.5, ge=1)
    surebet_max_edge: float = Field(0.2, ge=0)
    surebet_min_families: int = Field(2, ge=1, le=20)
    surebet_outlay: float = Field(1000, gt=0, le=10_000_000)
    surebet_unit: float = Field(1, gt=0, le=10_000)
    surebet_max_stake: float | None = Field(None, gt=0)
    surebet_alternatives: int = Field(5, ge=1, le=20)
    duplo_green_stake: float = Field(100, gt=0, le=1_000_000)
    duplo_green_unit: float = Field(1, gt=0, le=10_000)
    duplo_green_min_return: float = Field(-0.05, gt=-1, le=1)
    duplo_green_max_return: float = Field(0.2, gt=-1)
    duplo_green_hours: float = Field(48, gt=0, le=720)
    value_method: Literal["multiplicative", "power", "shin"] = "shin"
    value_min_families: int = Field(3, ge=1, le=20)
    value_min_edge: float = Field(0.02, ge=0, le=1)
    value_max_edge: float = Field(0.25, ge=0)
    value_max_age_s: float = Field(90, ge=1, le=3600)
    cleanup_interval_s: int = Field(300, ge=10, le=86400)
    keep_matches_hours: int = Field(12, ge=1, le=720)
    keep_history_days: int = Field(30, ge=1, le=3650)
    keep_cycles_days: int = Field(14, ge=1, le=3650)
    keep_summaries_days: int = Field(365, ge=1, le=3650)
    keep_done_jobs_days: int = Field(7, ge=1, le=3650)
    keep_dead_jobs_days: int = Field(90, ge=1, le=3650)
    keep_etl_logs_days: int = Field(14, ge=1, le=3650)
    keep_etl_metrics_days: int = Field(30, ge=1, le=3650)
    etl_max_error_rate: float = Field(0.05, ge=0, le=1)
    etl_max_duration_min: float = Field(60, gt=0, le=10_080)
    etl_min_success_rate: float = Field(0.9, ge=0, le=1)
    etl_max_failures: int = Field(3, ge=1, le=100)
    storage_limit_mb: int = Field(0, ge=0, le=100_000_000)
    spool_max_mb: int = Field(64, ge=1, le=10_000)
    failure_body_max_kb: int = Field(2048, ge=1, le=50_000)
    response_max_mb: int = Field(20, ge=1, le=200)
    http_cache_max_mb: int = Field(16, ge=0, le=1000)
    betsapi_token: SecretStr | None = None
    sportmonks_token: SecretStr | None = None
    fixtures_days_ahead: int = Field(30, ge=1, le=90)
    fixtures_refresh_days: int = Field(7, ge=1, le=365)
    fixtures_cron: str | None = None
    results_cron: str | None = None
    dashboard_host: str = "127.0.0.1"
    dashboard_port: int = Field(8080, ge=1, le=65535)
    dashboard_url: str | None = Field(None, pattern=r"^https?://[^/\s]+/?$")
    dashboard_timezone: str = "America/Sao_Paulo"
    admin_token: SecretStr | None = None
    alert_urls: SecretStr | None = None
    alert_webhook_url: SecretStr | None = None
    alert_webhook_secret: SecretStr | None = None
    alert_rules: Path | None = None
    alerts_interval_s: float = Field(10.0, ge=0.2, le=60)
    deadman_url: SecretStr | None = None
    watchdog_enabled: bool = True
    proxy_list: SecretStr | None = None
    log_level: str = "INFO"
    log_max_mb: int = Field(5, ge=0, le=10_000)
    log_keep: int = Field(3, ge=0, le=100)

    @field_validator("data_dir")
    @classmethod
    def _from_root(cls, value: Path) -> Path:
        return value if value.is_absolute() else ROOT / value

    @field_validator("odds_source")
    @classmethod
    def _known_source(cls, value: str) -> str:
        kind, _, folder = value.partition(":")
        if value in ("simulator", "live") or (kind == "replay" and folder):
            return value
        raise ValueError("expected simulator, live or replay:<folder>")

    @field_validator("proxy_list")
    @classmethod
    def _known_proxies(cls, value: SecretStr | None) -> SecretStr | None:
        try:
            parse_proxies("" if value is None else value.get_secret_value())
        except DeclarationError as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("dashboard_timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("expected the name of a time zone, as America/Sao_Paulo") from None
        return value

    @model_validator(mode="after")
    def _supabase_is_whole(self) -> Settings:
        if bool(self.supabase_url) != bool(self.supabase_service_role_key):
            raise ValueError("SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY belong together; one of them is missing")
        return self

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Settings:
        if self.alert_webhook_url and not self.alert_webhook_secret:
            raise ValueError("ALERT_WEBHOOK_SECRET is missing: the webhook is always signed")
        return self

    @property
    def uses_embedded_database(self) -> bool:
        """Whether the fleet brings its own Postgres: neither Supabase nor a Postgres URL is configured."""
        return self.database_url is None and self.supabase_url is None

    @property
    def source(self) -> str:
        """The kind of `odds_source`: "live", "simulator" or "replay"."""
        return self.odds_source.partition(":")[0]

    @property
    def secrets(self) -> list[str]:
        """The value of every setting that is a secret, for what must not print them. Not to be shown."""
        held = (getattr(self, name, None) for name in type(self).model_fields)
        return [value.get_secret_value() for value in held if isinstance(value, SecretStr)]

    @property
    def page_secrets(self) -> Mapping[str, str]:
        """Keys and tokens that requests of bookmakers name, by setting; empty where not set. Not to be shown."""
        return {"BETSAPI_TOKEN": self.betsapi_token.get_secret_value() if self.betsapi_token else ""}

    @property
    def dashboard_address(self) -> str:
        """What to type into a browser to see the dashboard; no slash at its end."""
        if self.dashboard_url is not None:
            return self.dashboard_url.rstrip("/")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.dashboard_host, self.dashboard_host)
        return f"http://[{host}]:{self.dashboard_port}" if ":" in host else f"http://{host}:{self.dashboard_port}"

    @property
    def bucket_url(self) -> str | None:
        """The public address of the published files' bucket; None without a Supabase project."""
        if self.supabase_url is None:
            return None
        return f"{self.supabase_url.rstrip('/')}/storage/v1/object/public/{self.publish_bucket}"

    @property
    def published(self) -> Path:
        """The folder that `odds.json` is written to."""
        return self.publish_dir or self.data_dir / "public"


def load_settings() -> Settings:
    """Read the environment over `.env`; raises DeclarationError naming each wrong setting (never its value)."""
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'settings'}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise DeclarationError(f"settings (.env or environment): {faults}") from None
