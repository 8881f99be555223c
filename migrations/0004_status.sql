-- Is each scraper really producing data? Its state, its lease, its cycles, and the view that judges them.

create table if not exists public.scraper_status (
  scraper_name text primary key,
  bookmaker_id smallint not null references public.bookmakers,
  last_heartbeat timestamptz,
  last_success timestamptz,
  odds_collected integer not null default 0,     -- prices read in the last cycle
  odds_inserted integer not null default 0,      -- prices the database holds as current after it (seen or changed)
  cycle_count bigint not null default 0,
  last_error text,
  status text not null default 'waiting' check (status in ('waiting', 'ok', 'error', 'stopped')),
  extra_data jsonb not null default '{}',
  expected_interval_s integer not null default 30,
  mode text,
  outcome text,
  duration_ms integer,
  completeness real,                             -- odds_collected against the median of its recent cycles; 1 = as usual
  created_at timestamptz not null default now(),
  -- the lease: who may write this bookmaker
  lease_holder text,
  lease_token bigint not null default 0,
  lease_expires_at timestamptz,
  machine text,
  pid integer,
  base_seq bigint not null default 0,            -- counts the commits that carried data; a difference names the one it was made on
  commit_seq bigint not null default 0           -- counts everything a reader of the board should look at: data and links
);

-- Copies that wait for a lease that somebody else holds.
create table if not exists public.scraper_standby (
  scraper_name text not null references public.scraper_status on delete cascade,
  holder text not null,
  mode text not null,
  since timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (scraper_name, holder, mode)
);

create table if not exists public.scraper_cycles (
  cycle_id uuid not null,
  started_at timestamptz not null,
  scraper_name text not null,
  outcome text not null,
  mode text,
  duration_ms integer,
  odds_collected integer not null default 0,
  odds_inserted integer not null default 0,
  changed integer not null default 0,
  rejected integer not null default 0,
  error text,
  extra_data jsonb not null default '{}',
  result jsonb not null,                          -- what the commit answered, for a repeat of the same cycle
  committed_at timestamptz not null default now(),
  primary key (cycle_id, started_at)
) partition by range (started_at);
create table if not exists public.scraper_cycles_default partition of public.scraper_cycles default;
create index if not exists scraper_cycles_recent on public.scraper_cycles (scraper_name, started_at desc);

-- The processes beside the scrapers: when each last made progress, and on what.
create table if not exists public.service_status (
  service_name text primary key,
  last_heartbeat timestamptz not null,
  last_success timestamptz,
  expected_interval_s integer not null,
  last_error text,
  extra_data jsonb not null default '{}'
);

select public.fleet_guard_table('public.scraper_status', array['authenticated']);
select public.fleet_guard_table('public.scraper_standby', array['authenticated']);
select public.fleet_guard_table('public.scraper_cycles', array['authenticated']);
select public.fleet_guard_table('public.scraper_cycles_default', array['authenticated']);
select public.fleet_guard_table('public.service_status', array['authenticated']);
select public.fleet_ensure_partitions('scraper_cycles', 7);

-- computed_status: `ok` below 60 s, `warning` below 180 s, `error` beyond, `offline` past 600 s, all scaled by
-- the scraper's own expected interval over the standard 30 s. The worst of three ages counts: of the
-- heartbeat, of the last success (a heartbeat alone is not data), and completeness against its own median.
create or replace view public.scraper_status_view with (security_invoker = true) as
with judged as (
  select
    s.*,
    extract(epoch from now() - s.last_heartbeat)::double precision as seconds_since_heartbeat,
    extract(epoch from now() - coalesce(s.last_success, s.created_at))::double precision as seconds_since_success,
    greatest(s.expected_interval_s, 30) / 30.0 as scale
  from public.scraper_status s
)
select
  j.scraper_name, j.bookmaker_id, b.name as bookmaker_display_name, b.logo as bookmaker_logo,
  j.last_heartbeat, j.last_success, j.odds_collected, j.odds_inserted, j.cycle_count, j.last_error,
  j.status, j.extra_data, j.seconds_since_heartbeat,
  case
    when j.last_heartbeat is null or j.status = 'stopped'
      or j.seconds_since_heartbeat >= 600 * j.scale then 'offline'
    when greatest(j.seconds_since_heartbeat, j.seconds_since_success) >= 180 * j.scale then 'error'
    when greatest(j.seconds_since_heartbeat, j.seconds_since_success) >= 60 * j.scale
      or j.last_success is null
      or j.completeness < 0.5 then 'warning'
    else 'ok'
  end as computed_status,
  j.seconds_since_success, j.expected_interval_s, j.mode, j.outcome, j.duration_ms, j.completeness,
  j.machine, j.pid, j.lease_holder, j.lease_expires_at, j.base_seq, j.commit_seq,
  (select jsonb_agg(jsonb_build_object('holder', w.holder, 'mode', w.mode, 'since', w.since) order by w.since)
   from public.scraper_standby w
   where w.scraper_name = j.scraper_name and w.last_seen_at > now() - interval '2 minutes') as standby
from judged j
join public.bookmakers b using (bookmaker_id)
where b.active;
select public.fleet_guard_view('public.scraper_status_view', array['authenticated']);
