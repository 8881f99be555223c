-- The contract with the catalogue: registering declarations, reading it, linking events to matches.
-- Functions answer one JSON value, so that no row limit of an API in between can cut them.

-- The declarations of scrapers/*.json, made known. Bookmakers that are no longer declared become inactive.
-- Answers {"bookmakers": n, "leagues": n} with how many rows were new or different.
create or replace function public.register_declarations(p_bookmakers jsonb, p_leagues jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n_bookmakers integer;
  n_leagues integer;
  next_version bigint;
begin
  perform from catalogue_state for update;
  insert into bookmakers as b (slug, name, platform, family, transport, logo, site, event_url, active)
  select d->>'slug', d->>'name', d->>'platform', d->>'family', d->>'transport', coalesce(d->>'logo', ''),
         coalesce(d->>'site', ''), coalesce(d->>'event_url', ''), true
  from jsonb_array_elements(p_bookmakers) d
  on conflict (slug) do update
    set name = excluded.name, platform = excluded.platform, family = excluded.family,
        transport = excluded.transport, logo = excluded.logo, site = excluded.site,
        event_url = excluded.event_url, active = true
    where (b.name, b.platform, b.family, b.transport, b.logo, b.site, b.event_url, b.active) is distinct from
      (excluded.name, excluded.platform, excluded.family, excluded.transport, excluded.logo, excluded.site,
       excluded.event_url, true);
  get diagnostics n_bookmakers = row_count;
  update bookmakers set active = false
  where active and slug not in (select d->>'slug' from jsonb_array_elements(p_bookmakers) d);
  insert into scraper_status (scraper_name, bookmaker_id, expected_interval_s)
  select b.slug, b.bookmaker_id, coalesce((d->>'interval_s')::integer, 30)
  from jsonb_array_elements(p_bookmakers) d join bookmakers b on b.slug = d->>'slug'
  on conflict (scraper_name) do nothing;

  select version + 1 into next_version from catalogue_state;
  insert into leagues as l (league_key, name, country, sport, version)
  select d->>'key', d->>'name', d->>'country', d->>'sport', next_version
  from jsonb_array_elements(p_leagues) d
  on conflict (league_key) do update
    set name = excluded.name, country = excluded.country, sport = excluded.sport, version = next_version
    where (l.name, l.country, l.sport) is distinct from (excluded.name, excluded.country, excluded.sport);
  get diagnostics n_leagues = row_count;
  if n_leagues > 0 then
    update catalogue_state set version = next_version;
  end if;
  return jsonb_build_object('bookmakers', n_bookmakers, 'leagues', n_leagues);
end
$$;

-- One page of what changed in the catalogue after p_after_version, ordered by (version, id).
-- p_kind: 'teams'   rows [version, team_id, sport, name, folded, country, category]
--         'aliases' rows [version, alias_id, team_id, folded, category, status]
--         'leagues' rows [version, league_id, league_key, name, country, sport]
--         'matches' rows [version, match_id, sport, league_key, home_team_id, away_team_id, starts_at (epoch s)],
--                   kick-off not more than a day ago
-- Answers {"version": current, "reload_epoch": n, "rows": [...]}; fewer rows than p_limit: that was all.
create or replace function public.catalogue_page(
  p_kind text, p_after_version bigint, p_after_id bigint, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  state catalogue_state;
  found jsonb;
begin
  select * into state from catalogue_state;
  if p_kind = 'teams' then
    select jsonb_agg(jsonb_build_array(version, team_id, sport, name, folded, country, category)) into found
    from (select * from teams where (version, team_id) > (p_after_version, p_after_id)
          order by version, team_id limit p_limit) page;
  elsif p_kind = 'aliases' then
    select jsonb_agg(jsonb_build_array(version, alias_id, team_id, folded, category, status)) into found
    from (select * from team_aliases where (version, alias_id) > (p_after_version, p_after_id)
          order by version, alias_id limit p_limit) page;
  elsif p_kind = 'leagues' then
    select jsonb_agg(jsonb_build_array(version, league_id, league_key, name, country, sport)) into found
    from (select * from leagues where (version, league_id) > (p_after_version, p_after_id)
          order by version, league_id limit p_limit) page;
  elsif p_kind = 'matches' then
    select jsonb_agg(jsonb_build_array(version, match_id, sport, league_key, home_team_id, away_team_id,
                                       extract(epoch from starts_at)::bigint)) into found
    from (select m.*, l.league_key from matches m left join leagues l using (league_id)
          where (m.version, m.match_id) > (p_after_version, p_after_id)
            and m.starts_at > now() - interval '1 day'
          order by m.version, m.match_id limit p_limit) page;
  else
    raise exception 'catalogue_page: p_kind is %, expected teams, aliases, leagues or matches', p_kind
      using errcode = '22023';
  end if;
  return jsonb_build_object('version', state.version, 'reload_epoch', state.reload_epoch,
                            'rows', coalesce(found, '[]'::jsonb));
end
$$;

-- What other brands of the same platform already linked: their event ids are the platform's.
-- Answers {"<source event id>": {"match_id", "swapped", "home", "away", "starts_at" (epoch s)}}.
create or replace function public.platform_links(p_scraper text, p_source_event_ids jsonb) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_object_agg(source_event_id, link), '{}'::jsonb)
  from (
    select distinct on (e.source_event_id) e.source_event_id,
      jsonb_build_object('match_id', e.match_id, 'swapped', e.swapped, 'home', e.home_name, 'away', e.away_name,
                         'starts_at', extract(epoch from e.starts_at)::bigint) as link
    from bookmaker_events e
    join bookmakers b using (bookmaker_id)
    where b.slug <> p_scraper
      and b.platform = (select platform from bookmakers where slug = p_scraper)
      and e.match_id is not null
      and e.source_event_id in (select jsonb_array_elements_text(p_source_event_ids))
    order by e.source_event_id, e.linked_at
  ) known
$$;

-- Get or make the team that a link names: {"team_id"} or {"name", "folded", "country", "category"}.
create or replace function public.fleet_team_of(
  p_side jsonb, p_sport text, p_version bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  found bigint := (p_side->>'team_id')::bigint;
begin
  if found is not null then
    return found;
  end if;
  insert into teams (sport, name, folded, country, category, version)
  values (p_sport, p_side->>'name', p_side->>'folded', coalesce(p_side->>'country', ''),
          coalesce(p_side->>'category', ''), p_version)
  on conflict (sport, folded, category, country) do nothing
  returning team_id into found;
  if found is null then
    select team_id into found from teams
    where sport = p_sport and folded = p_side->>'folded'
      and category = coalesce(p_side->>'category', '') and country = coalesce(p_side->>'country', '');
  end if;
  return found;
end
$$;

-- Applies decisions about a bookmaker's events. Each link is one of
--   {"event": id, "decision": "match", "match_id", "swapped", "method", "score", "aliases": [{"team_id", "alias", "folded", "category"}]}
--   {"event": id, "decision": "create", "league_key" or null, "home": side, "away": side, "method", "score"}
--   {"event": id, "decision": "unmatched", "reason", "candidates": [...]}
-- A match that another listed event of this bookmaker already is stays unmatched (reason "duplicate").
-- Creating is only right on the newest catalogue: when p_catalogue_version is older, the creations are
-- deferred (listed in the answer) and the caller decides again.
-- An alias counts as evidence once per match, however many bookmakers write it; three agreeing matches confirm it.
-- Answers {"linked", "created", "unmatched", "deferred": [event ids], "refused": [event ids], "version", "reload_epoch"};
-- refused: the bookmaker's other event is that match already.
create or replace function public.fleet_apply_links(
  p_bookmaker_id smallint, p_commit_seq bigint, p_catalogue_version bigint, p_links jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  state catalogue_state;
  link jsonb;
  spelling jsonb;
  event bookmaker_events;
  known team_aliases;
  target bigint;
  home bigint;
  away bigint;
  stale boolean;
  wrote boolean := false;
  n_linked integer := 0;
  n_created integer := 0;
  n_unmatched integer := 0;
  deferred jsonb := '[]';
  refused jsonb := '[]';
begin
  if jsonb_array_length(coalesce(p_links, '[]')) = 0 then
    select * into state from catalogue_state;
    return jsonb_build_object('linked', 0, 'created', 0, 'unmatched', 0, 'deferred', deferred, 'refused', refused,
                              'version', state.version, 'reload_epoch', state.reload_epoch);
  end if;
  select * into state from catalogue_state for update;
  stale := state.version <> p_catalogue_version;
  for link in select jsonb_array_elements(p_links) loop
    select * into event from bookmaker_events
    where bookmaker_id = p_bookmaker_id and source_event_id = link->>'event';
    if not found or event.match_id is not null then
      continue;
    end if;
    target := null;
    if link->>'decision' = 'match' then
      select match_id into target from matches where match_id = (link->>'match_id')::bigint;
      if target is null then
        deferred := deferred || jsonb_build_array(link->>'event');
        continue;
      end if;
    elsif link->>'decision' = 'create' then
      if stale then
        deferred := deferred || jsonb_build_array(link->>'event');
        continue;
      end if;
      home := fleet_team_of(link->'home', event.sport, state.version + 1);
      away := fleet_team_of(link->'away', event.sport, state.version + 1);
      insert into matches (sport, league_id, home_team_id, away_team_id, starts_at, version)
      values (event.sport, (select league_id from leagues where league_key = link->>'league_key'),
              home, away, event.starts_at, state.version + 1)
      on conflict (home_team_id, away_team_id, starts_at) do nothing
      returning match_id into target;
      if target is null then
        select match_id into target from matches
        where home_team_id = home and away_team_id = away and starts_at = event.starts_at;
      end if;
      wrote := true;
    elsif link->>'decision' = 'unmatched' then
      insert into unmatched_events as u (event_id, reason, candidates)
      values (event.event_id, link->>'reason', coalesce(link->'candidates', '[]'))
      on conflict (event_id) do update
        set reason = excluded.reason, candidates = excluded.candidates,
            attempts = u.attempts + 1, last_seen_at = now();
      n_unmatched := n_unmatched + 1;
      continue;
    else
      raise exception 'fleet_apply_links: decision is %, expected match, create or unmatched', link->>'decision'
        using errcode = '22023';
    end if;
    -- One bookmaker lists a match once. While another of its events offers prices for this match, a second one is
    -- a duplicate or a mistake (resolve_events sees one batch only); an event it replaced offers none any more.
    if exists (
      select from bookmaker_events other join prices p using (event_id)
      where other.match_id = target and other.bookmaker_id = p_bookmaker_id and p.status <> 'gone'
    ) then
      insert into unmatched_events as u (event_id, reason, candidates)
      values (event.event_id, 'duplicate', jsonb_build_array(jsonb_build_object('match_id', target)))
      on conflict (event_id) do update
        set reason = excluded.reason, candidates = excluded.candidates,
            attempts = u.attempts + 1, last_seen_at = now();
      refused := refused || jsonb_build_array(link->>'event');
      n_unmatched := n_unmatched + 1;
      continue;
    end if;
    for spelling in select jsonb_array_elements(coalesce(link->'aliases', '[]')) loop
      insert into team_aliases (team_id, alias, folded, category, bookmaker_id, evidence, version)
      values ((spelling->>'team_id')::bigint, spelling->>'alias', spelling->>'folded', coalesce(spelling->>'category', ''),
              p_bookmaker_id, 0, state.version + 1)
      on conflict (team_id, folded, category) do nothing;
      select * into known from team_aliases
      where team_id = (spelling->>'team_id')::bigint and folded = spelling->>'folded'
        and category = coalesce(spelling->>'category', '');
      insert into team_alias_matches (alias_id, match_id) values (known.alias_id, target) on conflict do nothing;
      if found then
        update team_aliases
        set evidence = evidence + 1, version = state.version + 1,
            status = case when status = 'proposed' and evidence + 1 >= 3 then 'confirmed' else status end
        where alias_id = known.alias_id;
        wrote := true;
      end if;
    end loop;
    if link->>'decision' = 'create' then
      n_created := n_created + 1;
    else
      n_linked := n_linked + 1;
    end if;
    update bookmaker_events
    set match_id = target, swapped = coalesce((link->>'swapped')::boolean, false),
        link_method = link->>'method', link_score = (link->>'score')::real, linked_at = now(),
        commit_seq = p_commit_seq
    where event_id = event.event_id;
    delete from unmatched_events where event_id = event.event_id;
  end loop;
  if wrote then
    update catalogue_state set version = version + 1 returning * into state;
  end if;
  return jsonb_build_object('linked', n_linked, 'created', n_created, 'unmatched', n_unmatched,
                            'deferred', deferred, 'refused', refused, 'version', state.version, 'reload_epoch', state.reload_epoch);
end
$$;

-- A postponed match moves when most of its bookmakers say so. p_source_event_ids: what one of them changed.
-- Not onto the same two teams' other match: which of the two is meant is for a person to say.
create or replace function public.fleet_move_matches(p_bookmaker_id smallint, p_source_event_ids jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  ids bigint[];
begin
  select array_agg(match_id) into ids
  from (
    select m.match_id
    from bookmaker_events own
    join bookmaker_events other using (match_id)
    join matches m using (match_id)
    where own.bookmaker_id = p_bookmaker_id
      and own.source_event_id in (select jsonb_array_elements_text(p_source_event_ids))
    group by m.match_id
    having mode() within group (order by other.starts_at) <> m.starts_at
  ) differing;
  if ids is null then
    return;
  end if;
  -- Before any match: whoever links events takes the two locks in this order.
  perform from catalogue_state for update;
  update matches m set starts_at = moved.starts_at, version = (select version + 1 from catalogue_state)
  from (
    select distinct on (home_team_id, away_team_id, wanted.starts_at) match_id, wanted.starts_at
    from (
      select match_id, mode() within group (order by starts_at) as starts_at
      from bookmaker_events where match_id = any(ids) group by match_id
    ) wanted
    join matches using (match_id)
    order by home_team_id, away_team_id, wanted.starts_at, match_id
  ) moved
  where m.match_id = moved.match_id and m.starts_at <> moved.starts_at
    and not exists (select from matches twin where twin.home_team_id = m.home_team_id
                    and twin.away_team_id = m.away_team_id and twin.starts_at = moved.starts_at);
  if found then
    update catalogue_state set version = version + 1;
  end if;
end
$$;

-- The same as fleet_apply_links from outside a cycle (after a deferral). Needs the lease of the scraper.
create or replace function public.link_events(
  p_scraper text, p_lease_token bigint, p_catalogue_version bigint, p_links jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  held scraper_status;
begin
  select * into held from scraper_status where scraper_name = p_scraper for update;
  if not found or held.lease_token <> p_lease_token then
    raise exception 'link_events: the lease of % is not held with token %', p_scraper, p_lease_token
      using errcode = 'OF001';
  end if;
  update scraper_status set commit_seq = commit_seq + 1 where scraper_name = p_scraper;
  return fleet_apply_links(held.bookmaker_id, held.commit_seq + 1, p_catalogue_version, p_links)
    || jsonb_build_object('commit_seq', held.commit_seq + 1);
end
$$;

-- Events that wait for an identity, newest kick-off last.
create or replace function public.list_unmatched(p_after_event_id bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(page)), '[]'::jsonb) from (
    select u.event_id, b.slug as bookmaker, e.source_event_id, e.sport, e.league_name, e.league_key,
           e.home_name, e.away_name, e.starts_at, u.reason, u.candidates, u.attempts, u.first_seen_at
    from unmatched_events u
    join bookmaker_events e using (event_id)
    join bookmakers b using (bookmaker_id)
    where u.event_id > p_after_event_id and e.match_id is null and e.starts_at > now()
    order by u.event_id limit p_limit) page
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.register_declarations(jsonb, jsonb)'::regprocedure,
  'public.catalogue_page(text, bigint, bigint, integer)'::regprocedure,
  'public.platform_links(text, jsonb)'::regprocedure,
  'public.link_events(text, bigint, bigint, jsonb)'::regprocedure,
  'public.list_unmatched(bigint, integer)'::regprocedure
]) as f;
select public.fleet_for_roles(array['public', 'anon', 'authenticated'], format('revoke all on function %s from %%I', f))
from unnest(array[
  'public.fleet_team_of(jsonb, text, bigint)'::regprocedure,
  'public.fleet_move_matches(smallint, jsonb)'::regprocedure,
  'public.fleet_apply_links(smallint, bigint, bigint, jsonb)'::regprocedure
]) as f;
