-- Fixtures from a provider: leagues, seasons, teams, venues and matches as it knows them, by its own ids, and what of
-- them the catalogue takes. 60,000 old fixtures stay here; only those near now become matches, so that no scraper's
-- catalogue grows with them.
--
--   record_fixture_directory(p_leagues jsonb, p_seasons jsonb)
--   due_fixture_chunks(p_refresh_days integer) · finish_fixture_chunk(p_season_id bigint, p_result jsonb)
--   record_fixtures(p_teams jsonb, p_venues jsonb, p_fixtures jsonb, p_rejected jsonb)
--   fixtures_to_catalogue(p_days_back integer, p_days_ahead integer, p_after jsonb, p_limit integer)
--   catalogue_fixtures(p_catalogue_version bigint, p_source text, p_teams jsonb, p_fixture_ids jsonb)
--   fixtures_report() · list_fixture_witnesses(p_after_low bigint, p_after_high bigint, p_limit integer)

-- --- what the provider says ---------------------------------------------------------------------------------------

create table if not exists public.fixture_leagues (
  league_id bigint primary key,
  name text not null,
  country text not null default '',     -- in English, as in teams; '' is unknown
  short_code text not null default '',
  league_key text                       -- of leagues: the fleet collects it; null: it does not
);

create table if not exists public.fixture_seasons (
  season_id bigint primary key,
  league_id bigint not null references public.fixture_leagues,
  name text not null,
  starts_on date,
  ends_on date,
  finished boolean not null,
  is_current boolean not null
);
create index if not exists fixture_seasons_league on public.fixture_seasons (league_id);

create table if not exists public.fixture_venues (
  venue_id bigint primary key,
  name text not null,
  city text not null default '',
  capacity integer
);

create table if not exists public.fixture_teams (
  provider_team_id bigint primary key,
  name text not null,
  short_code text not null default '',
  country text not null default '',
  category text not null default '',    -- as in teams
  placeholder boolean not null,         -- "Winner of group A": nobody yet
  team_id bigint,                       -- of teams, possibly merged since (merged_teams); null: not in the catalogue
  link_method text not null default '', -- event, exact, names, new; namesake: another provider team has its name there
  link_score real not null default 0
);
create index if not exists fixture_teams_team on public.fixture_teams (team_id);

-- A match as the provider lists it. `home_id`, `away_id` null: not known yet. Scores are of the end of the match.
create table if not exists public.fixtures (
  fixture_id bigint primary key,
  season_id bigint not null references public.fixture_seasons,
  home_id bigint references public.fixture_teams,
  away_id bigint references public.fixture_teams,
  venue_id bigint references public.fixture_venues,
  starts_at timestamptz,                -- null: no date yet
  state text not null check (state in ('unscheduled', 'scheduled', 'live', 'finished', 'postponed', 'cancelled',
                                       'abandoned', 'awarded', 'deleted')),
  home_score smallint check (home_score between 0 and 999),
  away_score smallint check (away_score between 0 and 999),
  match_id bigint,                      -- of matches, possibly merged or put away since
  swapped boolean not null default false,   -- the provider's home side is the match's away side
  catalogued_start timestamptz,         -- the kick-off that the catalogue was told last
  pending boolean not null default true,    -- new or changed since the catalogue looked at it
  check (home_id <> away_id)
);
create index if not exists fixtures_season on public.fixtures (season_id);
create index if not exists fixtures_pending on public.fixtures (starts_at, fixture_id) where pending;
create index if not exists fixtures_match on public.fixtures (match_id) where match_id is not null;

-- What could not be taken in, and why. It goes when a later answer holds the fixture in order.
create table if not exists public.fixture_rejects (
  reference text primary key,           -- 'fixture:<id>', or 'row:<season>:<number>' where there is no id
  reason text not null,
  detail text not null default '',
  seen_at timestamptz not null default now()
);

-- The work: one chunk is a season of a league.
create table if not exists public.fixture_chunks (
  season_id bigint primary key references public.fixture_seasons,
  priority integer not null,            -- the lowest first
  status text not null default 'pending' check (status in ('pending', 'done', 'failed')),
  attempts integer not null default 0,  -- since it was done last
  fixtures integer not null default 0,  -- in the last whole reading
  rejected integer not null default 0,
  error text not null default '',
  execution_id uuid,                    -- of etl_executions: the last run that took it
  read_at timestamptz,                  -- the last whole reading; null: never
  read_finished boolean not null default false  -- the season was over by then: nothing more will come
);
create index if not exists fixture_chunks_status on public.fixture_chunks (status, priority, season_id);

-- The result of a match in the match's own orientation; null: not told. `state` is a fixture's.
alter table public.matches add column if not exists state text;
alter table public.matches add column if not exists home_score smallint;
alter table public.matches add column if not exists away_score smallint;
-- Who vouches for an alias beside agreement and persons: 'sportmonks'; '' is nobody.
alter table public.team_aliases add column if not exists source text not null default '';

select public.fleet_guard_table('public.fixture_leagues', array['authenticated']);
select public.fleet_guard_table('public.fixture_seasons', array['authenticated']);
select public.fleet_guard_table('public.fixture_venues', array['authenticated']);
select public.fleet_guard_table('public.fixture_teams', array['authenticated']);
select public.fleet_guard_table('public.fixtures', array['authenticated']);
select public.fleet_guard_table('public.fixture_rejects', array['authenticated']);
select public.fleet_guard_table('public.fixture_chunks', array['authenticated']);

-- When all odds are forgotten (wipe_odds), so are fixtures: those of the simulator must not stand beside real ones.
create or replace function public.fleet_forget_fixtures() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  truncate fixtures, fixture_chunks, fixture_rejects, fixture_teams, fixture_venues, fixture_seasons, fixture_leagues;
  return null;
end
$$;
create or replace trigger forget_fixtures after truncate on public.matches
  for each statement execute function public.fleet_forget_fixtures();

-- --- taking in ----------------------------------------------------------------------------------------------------

-- Leagues {"id", "name", "country", "short_code", "league_key"} and seasons {"id", "league_id", "name", "starts_on",
-- "ends_on", "finished", "current", "priority"}; each season is a chunk. Only what differs is written.
-- Answers {"leagues", "seasons", "chunks"}: rows written.
create or replace function public.record_fixture_directory(p_leagues jsonb, p_seasons jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n_leagues integer;
  n_seasons integer;
  n_chunks integer;
begin
  insert into fixture_leagues as l (league_id, name, country, short_code, league_key)
  select d.id, d.name, d.country, d.short_code, d.league_key
  from jsonb_to_recordset(p_leagues) as d (id bigint, name text, country text, short_code text, league_key text)
  on conflict (league_id) do update
    set name = excluded.name, country = excluded.country, short_code = excluded.short_code,
        league_key = excluded.league_key
    where (l.name, l.country, l.short_code, l.league_key) is distinct from
      (excluded.name, excluded.country, excluded.short_code, excluded.league_key);
  get diagnostics n_leagues = row_count;
  insert into fixture_seasons as s (season_id, league_id, name, starts_on, ends_on, finished, is_current)
  select d.id, d.league_id, d.name, d.starts_on, d.ends_on, d.finished, d.current
  from jsonb_to_recordset(p_seasons) as d (id bigint, league_id bigint, name text, starts_on date, ends_on date,
                                           finished boolean, current boolean)
  on conflict (season_id) do update
    set league_id = excluded.league_id, name = excluded.name, starts_on = excluded.starts_on,
        ends_on = excluded.ends_on, finished = excluded.finished, is_current = excluded.is_current
    where (s.league_id, s.name, s.starts_on, s.ends_on, s.finished, s.is_current) is distinct from
      (excluded.league_id, excluded.name, excluded.starts_on, excluded.ends_on, excluded.finished, excluded.is_current);
  get diagnostics n_seasons = row_count;
  insert into fixture_chunks as c (season_id, priority)
  select d.id, d.priority from jsonb_to_recordset(p_seasons) as d (id bigint, priority integer)
  on conflict (season_id) do update set priority = excluded.priority where c.priority <> excluded.priority;
  get diagnostics n_chunks = row_count;
  return jsonb_build_object('leagues', n_leagues, 'seasons', n_seasons, 'chunks', n_chunks);
end
$$;

-- The chunks that want to be read, the most urgent first: never read whole, failed, over since they were read, or
-- running and not read whole for p_refresh_days. Answers {"total": all chunks, "read": how many were ever read whole,
-- "chunks": [{"season_id", "season", "league", "league_id", "country", "league_key", "finished", "attempts"}]}.
create or replace function public.due_fixture_chunks(p_refresh_days integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'total', count(*), 'read', count(*) filter (where c.read_at is not null),
    'chunks', coalesce(jsonb_agg(jsonb_build_object(
        'season_id', c.season_id, 'season', s.name, 'league', l.name, 'league_id', l.league_id, 'country', l.country,
        'league_key', l.league_key, 'finished', s.finished, 'attempts', c.attempts)
      order by c.priority, c.season_id)
      filter (where c.status <> 'done' or (not c.read_finished
        and (s.finished or c.read_at < now() - make_interval(days => p_refresh_days)))), '[]'))
  from fixture_chunks c join fixture_seasons s using (season_id) join fixture_leagues l using (league_id)
$$;

-- How reading a chunk ended: {"status": "done" or "failed", "fixtures", "rejected", "error", "execution_id", "finished":
-- whether the season was over when it was asked for}. Answers {"attempts"}.
create or replace function public.finish_fixture_chunk(p_season_id bigint, p_result jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  ended fixture_chunks;
  whole boolean := p_result->>'status' = 'done';
begin
  update fixture_chunks
  set status = p_result->>'status', attempts = case when whole then 0 else attempts + 1 end,
      fixtures = case when whole then (p_result->>'fixtures')::integer else fixtures end,
      rejected = case when whole then (p_result->>'rejected')::integer else rejected end,
      error = coalesce(p_result->>'error', ''), execution_id = (p_result->>'execution_id')::uuid,
      read_at = case when whole then now() else read_at end,
      read_finished = case when whole then (p_result->>'finished')::boolean else read_finished end
  where season_id = p_season_id returning * into ended;
  if not found then
    raise exception 'finish_fixture_chunk: no chunk %', p_season_id using errcode = '22023';
  end if;
  return jsonb_build_object('attempts', ended.attempts);
end
$$;

-- Writes fixtures that are new or differ. Answers {"new", "changed"}; raises what one bad row raises.
create or replace function public.fleet_put_fixtures(p_fixtures jsonb) returns jsonb
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  with written as (
    insert into fixtures as f (fixture_id, season_id, home_id, away_id, venue_id, starts_at, state, home_score, away_score)
    select d.id, d.season_id, d.home_id, d.away_id, d.venue_id, d.starts_at, d.state, d.home_score, d.away_score
    from jsonb_to_recordset(p_fixtures) as d (id bigint, season_id bigint, home_id bigint, away_id bigint,
      venue_id bigint, starts_at timestamptz, state text, home_score smallint, away_score smallint)
    on conflict (fixture_id) do update
      set season_id = excluded.season_id, home_id = excluded.home_id, away_id = excluded.away_id,
          venue_id = excluded.venue_id, starts_at = excluded.starts_at, state = excluded.state,
          home_score = excluded.home_score, away_score = excluded.away_score, pending = true
      where (f.season_id, f.home_id, f.away_id, f.venue_id, f.starts_at, f.state, f.home_score, f.away_score)
        is distinct from (excluded.season_id, excluded.home_id, excluded.away_id, excluded.venue_id,
                          excluded.starts_at, excluded.state, excluded.home_score, excluded.away_score)
    returning (xmax = 0) as is_new)
  select jsonb_build_object('new', count(*) filter (where is_new), 'changed', count(*) filter (where not is_new))
  from written
$$;

-- Takes in a batch of fixtures with the teams and venues they name. Each fixture is taken whole or not at all; a bad one
-- is noted as rejected and takes no other with it. Repeating a batch changes nothing.
-- p_teams {"id", "name", "short_code", "country", "category", "placeholder"}; p_venues {"id", "name", "city", "capacity"};
-- p_fixtures {"id", "season_id", "home_id", "away_id", "venue_id", "starts_at", "state", "home_score", "away_score"};
-- p_rejected {"reference", "reason", "detail"}: what the reader left out already.
-- Answers {"new", "changed", "rejected": [{"reference", "reason", "detail"}]}, of the database's own rejections.
create or replace function public.record_fixtures(
  p_teams jsonb, p_venues jsonb, p_fixtures jsonb, p_rejected jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  counts jsonb;
  one jsonb;
  n_new integer := 0;
  n_changed integer := 0;
  refused jsonb := '[]';
begin
  insert into fixture_venues as v (venue_id, name, city, capacity)
  select d.id, d.name, d.city, d.capacity
  from jsonb_to_recordset(p_venues) as d (id bigint, name text, city text, capacity integer)
  on conflict (venue_id) do update set name = excluded.name, city = excluded.city, capacity = excluded.capacity
    where (v.name, v.city, v.capacity) is distinct from (excluded.name, excluded.city, excluded.capacity);
  insert into fixture_teams as t (provider_team_id, name, short_code, country, category, placeholder)
  select d.id, d.name, d.short_code, d.country, d.category, d.placeholder
  from jsonb_to_recordset(p_teams) as d (id bigint, name text, short_code text, country text, category text,
                                         placeholder boolean)
  on conflict (provider_team_id) do update
    set name = excluded.name, short_code = excluded.short_code, country = excluded.country,
        category = excluded.category, placeholder = excluded.placeholder
    where (t.name, t.short_code, t.country, t.category, t.placeholder) is distinct from
      (excluded.name, excluded.short_code, excluded.country, excluded.category, excluded.placeholder);
  begin
    counts := fleet_put_fixtures(p_fixtures);
    n_new := counts->'new';
    n_changed := counts->'changed';
  exception when data_exception or integrity_constraint_violation or cardinality_violation then
    -- One of them is bad. Which one shows when they are taken one by one.
    for one in select jsonb_array_elements(p_fixtures) loop
      begin
        counts := fleet_put_fixtures(jsonb_build_array(one));
        n_new := n_new + (counts->'new')::integer;
        n_changed := n_changed + (counts->'changed')::integer;
      exception when data_exception or integrity_constraint_violation then
        refused := refused || jsonb_build_array(jsonb_build_object(
          'reference', 'fixture:' || coalesce(one->>'id', '?'), 'reason', 'refused_by_database', 'detail', sqlerrm));
      end;
    end loop;
  end;
  delete from fixture_rejects r using jsonb_array_elements(p_fixtures) d
  where r.reference = 'fixture:' || (d->>'id')
    and r.reference not in (select refusal->>'reference' from jsonb_array_elements(refused) refusal);
  insert into fixture_rejects as r (reference, reason, detail)
  select distinct on (d.reference) d.reference, d.reason, d.detail
  from jsonb_to_recordset(p_rejected || refused) as d (reference text, reason text, detail text)
  order by d.reference
  on conflict (reference) do update set reason = excluded.reason, detail = excluded.detail, seen_at = now()
    where (r.reason, r.detail) <> (excluded.reason, excluded.detail);
  return jsonb_build_object('new', n_new, 'changed', n_changed, 'rejected', refused);
end
$$;

-- --- into the catalogue -------------------------------------------------------------------------------------------

-- A side of a fixture as fixtures_to_catalogue answers it.
create or replace function public.fleet_fixture_side(p_team public.fixture_teams) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object('id', (p_team).provider_team_id, 'name', (p_team).name, 'short_code', (p_team).short_code,
                            'country', (p_team).country, 'category', (p_team).category,
                            'team_id', fleet_current_team((p_team).team_id))
$$;

-- Fixtures of leagues that the fleet collects, near now, that are new or changed since the catalogue looked at them; by
-- (kick-off, id), after p_after {"starts_at", "id"} (null: from the beginning). Past ones come only when they have a match.
-- Rows {"id", "starts_at", "league_key", "league", "home": side, "away": side}, a side being {"id", "name", "short_code",
-- "country", "category", "team_id"}. Answers {"fixtures": [...], "taken": [teams that some provider team is]}.
create or replace function public.fixtures_to_catalogue(
  p_days_back integer, p_days_ahead integer, p_after jsonb, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'fixtures', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'id', page.fixture_id, 'starts_at', page.starts_at, 'league_key', page.league_key, 'league', page.league,
          'home', fleet_fixture_side(page.home), 'away', fleet_fixture_side(page.away))
        order by page.starts_at, page.fixture_id), '[]')
      from (
        select f.fixture_id, f.starts_at, l.league_key, l.name as league, h as home, a as away
        from fixtures f join fixture_seasons s using (season_id) join fixture_leagues l using (league_id)
        join fixture_teams h on h.provider_team_id = f.home_id join fixture_teams a on a.provider_team_id = f.away_id
        where f.pending and f.starts_at between now() - make_interval(days => p_days_back)
                                            and now() + make_interval(days => p_days_ahead)
          and (p_after is null or (f.starts_at, f.fixture_id) >
               ((p_after->>'starts_at')::timestamptz, (p_after->>'id')::bigint))
          and (f.match_id is not null or (f.starts_at > now() and f.state in ('scheduled', 'live')))
          and l.league_key is not null and not h.placeholder and not a.placeholder
          and 'namesake' not in (h.link_method, a.link_method)
        order by f.starts_at, f.fixture_id limit p_limit) page),
    'taken', (select coalesce(jsonb_agg(distinct fleet_current_team(team_id)), '[]') from fixture_teams
              where team_id is not null))
$$;

-- A provider's spelling of a team: confirmed unless somebody rejected it or another team there goes by it, also one that
-- came later; then both are proposals. Answers whether anything changed.
create or replace function public.fleet_vouch_for_alias(
  p_team_id bigint, p_spelling jsonb, p_source text, p_version bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  known team_aliases;
  is_new boolean;
begin
  if exists (select from teams where team_id = p_team_id
             and (folded, category) = (p_spelling->>'folded', p_spelling->>'category')) then
    return false;
  end if;
  insert into team_aliases (team_id, alias, folded, category, evidence, source, version)
  values (p_team_id, p_spelling->>'alias', p_spelling->>'folded', p_spelling->>'category', 0, p_source, p_version)
  on conflict (team_id, folded, category) do nothing;
  is_new := found;
  select * into known from team_aliases
  where team_id = p_team_id and folded = p_spelling->>'folded' and category = p_spelling->>'category';
  if fleet_alias_is_free(known.alias_id) then
    update team_aliases set status = 'confirmed', source = p_source, version = p_version
    where alias_id = known.alias_id and status = 'proposed';
    return is_new or found;
  end if;
  update team_aliases a set status = 'proposed', version = p_version
  from teams other join teams own using (sport)
  where own.team_id = p_team_id and other.team_id = a.team_id and a.team_id <> p_team_id
    and (own.country = other.country or own.country = '' or other.country = '')
    and (a.folded, a.category, a.source, a.status) = (known.folded, known.category, p_source, 'confirmed')
    and a.evidence = 0;
  return is_new or found;
end
$$;

-- The team that a provider's team is, got or made. p_team {"id", "team_id" or null, "name", "folded", "country",
-- "category", "method", "score", "aliases": [spelling]}. Null for a namesake: a team that another provider team is.
create or replace function public.fleet_catalogue_team(p_team jsonb, p_source text, p_version bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  own bigint := (p_team->>'id')::bigint;
  found_id bigint;
  spelling jsonb;
begin
  found_id := fleet_team_of(p_team, 'football', p_version);
  if exists (select from fixture_teams where team_id is not null and fleet_current_team(team_id) = found_id
             and provider_team_id <> own) then
    update fixture_teams set link_method = 'namesake' where provider_team_id = own;
    return null;
  end if;
  update fixture_teams set team_id = found_id, link_method = p_team->>'method', link_score = (p_team->>'score')::real
  where provider_team_id = own;
  -- A country that only the provider tells is the team's, unless another team goes by that name there.
  update teams t
  set provisional = false, version = p_version,
      country = case when t.country <> '' or exists (
          select from teams o where (o.sport, o.folded, o.category, o.country) =
            (t.sport, t.folded, t.category, p_team->>'country'))
        then t.country else p_team->>'country' end
  where t.team_id = found_id and (t.provisional or t.country = '');
  for spelling in select jsonb_array_elements(p_team->'aliases') loop
    perform fleet_vouch_for_alias(found_id, spelling, p_source, p_version);
  end loop;
  return found_id;
end
$$;

-- The match that a fixture is: what it was before, if that is still there, else the one of its teams at about its time
-- that no other fixture is: within 36 hours, or three where the sides are the other way round.
create or replace function public.fleet_match_of_fixture(
  p_fixture public.fixtures, p_home bigint, p_away bigint, out match_id bigint, out swapped boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select found.match_id, found.swapped from (
    select 0 as rank, m.match_id, ((p_fixture).swapped <> coalesce(g.swapped, false)) as swapped, interval '0' as apart
    from matches m left join merged_matches g on g.match_id = (p_fixture).match_id
    where m.match_id = coalesce(g.into_match_id, (p_fixture).match_id)
    union all
    select 1, m.match_id, m.home_team_id = p_away,
           greatest(m.starts_at, (p_fixture).starts_at) - least(m.starts_at, (p_fixture).starts_at)
    from matches m
    where m.starts_at between (p_fixture).starts_at - interval '36 hours' and (p_fixture).starts_at + interval '36 hours'
      and ((m.home_team_id, m.away_team_id) = (p_home, p_away)
           or ((m.home_team_id, m.away_team_id) = (p_away, p_home)
               and m.starts_at between (p_fixture).starts_at - interval '3 hours' and (p_fixture).starts_at + interval '3 hours'))
      and not exists (
        select from fixtures o left join merged_matches g on g.match_id = o.match_id
        where o.fixture_id <> (p_fixture).fixture_id and coalesce(g.into_match_id, o.match_id) = m.match_id
          and o.match_id is not null)
  ) found order by found.rank, found.apart, found.match_id limit 1
$$;

-- Teams that bookmakers list where p_fixture has another: in a match of its league at its minute that is no other fixture's.
-- As no team plays two matches at a time, both are one club where they have one opponent, or somebody is mistaken.
-- team_id: of the fixture; other_id: in its place; opponent_id, its_opponent_id: whom they play. Turned round they must be one.
create or replace function public.fleet_rivals_of_fixture(
  p_fixture public.fixtures, p_league_id bigint, p_home bigint, p_away bigint)
  returns table (match_id bigint, team_id bigint, other_id bigint, opponent_id bigint, its_opponent_id bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select m.match_id, side.*
  from matches m, lateral (values
    (p_home, m.home_team_id, p_away, m.away_team_id), (p_away, m.away_team_id, p_home, m.home_team_id),
    (p_home, m.away_team_id, p_away, m.home_team_id), (p_away, m.home_team_id, p_home, m.away_team_id)
  ) side(team_id, other_id, opponent_id, its_opponent_id)
  where m.starts_at = (p_fixture).starts_at and m.league_id = p_league_id
    and side.team_id <> side.other_id
    and (side.opponent_id = side.its_opponent_id or (side.team_id = p_home) = (side.other_id = m.home_team_id))
    and exists (select from bookmaker_events e where e.match_id = m.match_id)
    and not exists (
      select from fixtures o left join merged_matches g on g.match_id = o.match_id
      where o.fixture_id <> (p_fixture).fixture_id and coalesce(g.into_match_id, o.match_id) = m.match_id)
$$;

-- Takes teams and fixtures into the catalogue: teams got or made (see fleet_catalogue_team), then each fixture's match
-- found or made, moved when the provider moved it, and its result noted. A kick-off is taken over when the provider
-- changes it; a match that bookmakers made, or have moved since, keeps theirs until then.
-- A fixture that bookmakers seem to list against another team waits: made now, it would be a second match. Either the two
-- teams are merged (list_fixture_witnesses), or a person says what they are.
-- Making teams is only right on the newest catalogue: when p_catalogue_version is older, nothing is written.
-- Answers {"deferred": true} then, else {"deferred": false, "teams", "namesakes": [provider team ids], "made", "linked",
-- "moved", "results", "waiting", "version"}.
create or replace function public.catalogue_fixtures(
  p_catalogue_version bigint, p_source text, p_teams jsonb, p_fixture_ids jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  state catalogue_state;
  next_version bigint;
  team jsonb;
  one record;
  known_id bigint;
  known_swapped boolean;
  target matches;
  goes boolean;
  namesakes jsonb := '[]';
  n_teams integer := 0;
  n_made integer := 0;
  n_linked integer := 0;
  n_moved integer := 0;
  n_results integer := 0;
  n_waiting integer := 0;
begin
  select * into state from catalogue_state for update;
  if state.version <> p_catalogue_version and jsonb_array_length(p_teams) > 0 then
    return jsonb_build_object('deferred', true);
  end if;
  next_version := state.version + 1;
  for team in select jsonb_array_elements(p_teams) loop
    if fleet_catalogue_team(team, p_source, next_version) is null then
      namesakes := namesakes || jsonb_build_array(team->'id');
    else
      n_teams := n_teams + 1;
    end if;
  end loop;
  for one in
    select f as fixture, f.fixture_id, f.starts_at, f.state, f.home_score, f.away_score, f.match_id, f.catalogued_start,
           fleet_current_team(h.team_id) as home, fleet_current_team(a.team_id) as away, c.league_id
    from fixtures f join fixture_teams h on h.provider_team_id = f.home_id
    join fixture_teams a on a.provider_team_id = f.away_id
    join fixture_seasons s using (season_id) join fixture_leagues l using (league_id)
    join leagues c on c.league_key = l.league_key
    where f.fixture_id in (select jsonb_array_elements_text(p_fixture_ids)::bigint)
      and h.team_id is not null and a.team_id is not null and f.starts_at is not null
    order by f.starts_at, f.fixture_id
  loop
    select match_id, swapped into known_id, known_swapped from fleet_match_of_fixture(one.fixture, one.home, one.away);
    if known_id is null and exists (
      select from fleet_rivals_of_fixture(one.fixture, one.league_id, one.home, one.away) r
      where r.opponent_id = r.its_opponent_id) then
      n_waiting := n_waiting + 1;
      continue;
    end if;
    if known_id is null and one.home <> one.away and one.starts_at > now() and one.state in ('scheduled', 'live') then
      insert into matches (sport, league_id, home_team_id, away_team_id, starts_at, version)
      values ('football', one.league_id, one.home, one.away, one.starts_at, next_version)
      on conflict (home_team_id, away_team_id, starts_at) do nothing
      returning match_id, false into known_id, known_swapped;
      n_made := n_made + found::integer;
    elsif known_id is not null and known_id is distinct from one.match_id then
      n_linked := n_linked + 1;
    end if;
    if known_id is not null then
      select * into target from matches m where m.match_id = known_id;
      goes := one.state in ('scheduled', 'live') and one.starts_at <> target.starts_at
        and one.starts_at is distinct from one.catalogued_start
        and (one.catalogued_start is not null
             or not exists (select from bookmaker_events e where e.match_id = known_id))
        and not exists (select from matches twin where twin.starts_at = one.starts_at
          and (twin.home_team_id, twin.away_team_id) = (target.home_team_id, target.away_team_id));
      if goes then
        update matches m set starts_at = one.starts_at, version = next_version where m.match_id = known_id;
        n_moved := n_moved + 1;
      end if;
      update matches m
      set state = one.state,
          home_score = case when known_swapped then one.away_score else one.home_score end,
          away_score = case when known_swapped then one.home_score else one.away_score end
      where m.match_id = known_id and (m.state, m.home_score, m.away_score) is distinct from
        (one.state, case when known_swapped then one.away_score else one.home_score end,
         case when known_swapped then one.home_score else one.away_score end);
      n_results := n_results + (found and one.home_score is not null)::integer;
    end if;
    update fixtures f
    set match_id = known_id, swapped = coalesce(known_swapped, false), catalogued_start = one.starts_at,
        pending = false
    where f.fixture_id = one.fixture_id;
  end loop;
  if n_teams + n_made + n_moved > 0 then
    update catalogue_state set version = next_version returning * into state;
  end if;
  return jsonb_build_object('deferred', false, 'teams', n_teams, 'namesakes', namesakes, 'made', n_made,
                            'linked', n_linked, 'moved', n_moved, 'results', n_results, 'waiting', n_waiting,
                            'version', state.version);
end
$$;

-- Pairs of teams that a fixture to come says are one, by (low, high) id: a team of a fixture, and the one that bookmakers list
-- in its place (fleet_rivals_of_fixture); who decides on them is normalizer/same_club.py. Never two teams of the provider, whose
-- calendar tells them apart; nor a pair that merge_teams would refuse or whose merge was undone once.
-- Rows {"low", "high": ids, "keep", "gone": the same as merge_teams takes them, "one", "other": names of low and high,
-- "opponents": [[name at the fixture, name at the bookmakers], ...], [] where they are one team at some fixture, "fixtures":
-- [ids], "families": those that list it so}; fewer than p_limit: that was all.
create or replace function public.list_fixture_witnesses(
  p_after_low bigint, p_after_high bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with provided as materialized (
    select provider_team_id, fleet_current_team(team_id) as team_id from fixture_teams where team_id is not null
  ), rivals as (
    select least(r.team_id, r.other_id) as low, greatest(r.team_id, r.other_id) as high, f.fixture_id, r.match_id,
           r.opponent_id, r.its_opponent_id
    from fixtures f join provided h on h.provider_team_id = f.home_id join provided a on a.provider_team_id = f.away_id
    join fixture_seasons s using (season_id) join fixture_leagues l using (league_id)
    join leagues c on c.league_key = l.league_key,
      lateral fleet_rivals_of_fixture(f, c.league_id, h.team_id, a.team_id) r
    where f.starts_at > now() and f.starts_at < now() + interval '30 days' and f.state in ('scheduled', 'live')
      and r.other_id not in (select team_id from provided)
  ), page as (
    select low, high, array_agg(distinct fixture_id) as fixtures, array_agg(distinct match_id) as matches,
           bool_or(opponent_id = its_opponent_id) as sure,
           jsonb_agg(distinct jsonb_build_array(o.name, i.name)) as opponents,
           fleet_team_weight(low) >= fleet_team_weight(high) as low_first
    from rivals join teams o on o.team_id = opponent_id join teams i on i.team_id = its_opponent_id
    where (low, high) > (p_after_low, p_after_high) and fleet_why_not_one_team(low, high) is null
      and not fleet_was_unmerged(low, high)
    group by low, high order by low, high limit p_limit
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'low', low, 'high', high, 'keep', case when low_first then low else high end,
    'gone', case when low_first then high else low end, 'one', one.name, 'other', other.name,
    'opponents', case when sure then '[]'::jsonb else opponents end, 'fixtures', to_jsonb(fixtures),
    'families', (select jsonb_agg(distinct k.family) from bookmaker_events e join bookmakers k using (bookmaker_id)
                 where e.match_id = any(matches))) order by low, high), '[]')
  from page join teams one on one.team_id = low join teams other on other.team_id = high
$$;

-- What is held, for a person: {"leagues", "seasons", "teams", "catalogued_teams", "fixtures", "matches", "rejected",
-- "chunks": {status: n}, "failed": [{"season_id", "league", "season", "error", "attempts"}, ...] (the 20 most urgent)}.
create or replace function public.fixtures_report() returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'leagues', (select count(*) from fixture_leagues), 'seasons', (select count(*) from fixture_seasons),
    'teams', (select count(*) from fixture_teams),
    'catalogued_teams', (select count(*) from fixture_teams where team_id is not null),
    'fixtures', (select count(*) from fixtures), 'matches', (select count(*) from fixtures where match_id is not null),
    'rejected', (select count(*) from fixture_rejects),
    'chunks', (select coalesce(jsonb_object_agg(status, n), '{}') from (
      select status, count(*) as n from fixture_chunks group by status) by_status),
    'failed', (select coalesce(jsonb_agg(to_jsonb(f)), '[]') from (
      select c.season_id, l.name as league, s.name as season, c.error, c.attempts
      from fixture_chunks c join fixture_seasons s using (season_id) join fixture_leagues l using (league_id)
      where c.status = 'failed' order by c.priority, c.season_id limit 20) f))
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.record_fixture_directory(jsonb, jsonb)'::regprocedure,
  'public.due_fixture_chunks(integer)'::regprocedure,
  'public.finish_fixture_chunk(bigint, jsonb)'::regprocedure,
  'public.record_fixtures(jsonb, jsonb, jsonb, jsonb)'::regprocedure,
  'public.fixtures_to_catalogue(integer, integer, jsonb, integer)'::regprocedure,
  'public.catalogue_fixtures(bigint, text, jsonb, jsonb)'::regprocedure,
  'public.fixtures_report()'::regprocedure,
  'public.list_fixture_witnesses(bigint, bigint, integer)'::regprocedure
]) as f;
select public.fleet_for_roles(array['public', 'anon', 'authenticated'], format('revoke all on function %s from %%I', f))
from unnest(array[
  'public.fleet_forget_fixtures()'::regprocedure,
  'public.fleet_put_fixtures(jsonb)'::regprocedure,
  'public.fleet_fixture_side(public.fixture_teams)'::regprocedure,
  'public.fleet_vouch_for_alias(bigint, jsonb, text, bigint)'::regprocedure,
  'public.fleet_catalogue_team(jsonb, text, bigint)'::regprocedure,
  'public.fleet_match_of_fixture(public.fixtures, bigint, bigint)'::regprocedure,
  'public.fleet_rivals_of_fixture(public.fixtures, bigint, bigint, bigint)'::regprocedure
]) as f;
