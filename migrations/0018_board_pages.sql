-- What the pages of the odds board ask for: matches with a price that counts, and the prices of one match.

-- The parts of each bookmaker's offer that count now: seen within p_max_age_s (at the standard interval of 30 s, and
-- longer in proportion for those that come round less often), by a scraper that is trusted. The rule of board/freshness.py,
-- whose other half (kick-off ahead by both clocks, changed within 30 days) stands where prices are read.
create or replace function public.fleet_counting_scopes(p_max_age_s double precision)
returns table (scope_id integer, bookmaker_id smallint, last_seen_at timestamptz)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select s.scope_id, s.bookmaker_id, s.last_seen_at
  from scraper_status_view v
  join price_scopes s using (bookmaker_id)
  where v.computed_status in ('ok', 'warning')
    and s.last_seen_at >= now() - make_interval(secs => p_max_age_s * greatest(v.expected_interval_s, 30) / 30.0)
$$;

-- The prices of some matches that count now, as their bookmakers list them, by match id:
-- {"<match_id>": [{bookmaker_id, source_event_id, home, away, swapped,
--   prices: [[selection_key, market, period, line, selection, rules, side, price, available, commission,
--             last_seen_at (epoch s), last_changed_at (epoch s)], ...]}, ...]}; matches without one are left out.
-- p_main_only: only who wins (match_result, moneyline), whole match, back. p_bookmaker_ids null: of all.
create or replace function public.fleet_listed_prices(
  p_match_ids bigint[], p_bookmaker_ids smallint[], p_main_only boolean, p_max_age_s double precision) returns jsonb
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  with counting as materialized (select * from fleet_counting_scopes(p_max_age_s)),
  listed as (
    select e.match_id, e.event_id, e.bookmaker_id, e.source_event_id, e.home_name, e.away_name, e.swapped,
      jsonb_agg(jsonb_build_array(p.selection_key, p.market, p.period, p.line, p.selection, p.rules, p.side, p.price,
        p.available, p.commission, extract(epoch from c.last_seen_at), extract(epoch from p.last_changed_at))
        order by p.selection_key) as prices
    from bookmaker_events e
    join prices p using (event_id)
    join counting c using (scope_id)
    where e.match_id = any(p_match_ids) and e.starts_at > now() and p.status = 'open'
      and p.last_changed_at > now() - interval '30 days'
      and (p_bookmaker_ids is null or e.bookmaker_id = any(p_bookmaker_ids))
      and (not p_main_only
           or (p.market in ('match_result', 'moneyline') and p.period = 'match' and p.side = 'back'))
    group by e.event_id
  )
  select coalesce(jsonb_object_agg(match_id, events), '{}'::jsonb)
  from (
    select match_id, jsonb_agg(jsonb_build_object('bookmaker_id', bookmaker_id, 'source_event_id', source_event_id,
      'home', home_name, 'away', away_name, 'swapped', swapped, 'prices', prices) order by bookmaker_id, event_id) as events
    from listed group by match_id
  ) each
$$;

-- The bookmakers of the board: [{bookmaker_id, slug, name, logo, event_url, computed_status}, ...] by name.
create or replace function public.fleet_board_bookmakers() returns jsonb
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('bookmaker_id', b.bookmaker_id, 'slug', b.slug, 'name', b.name,
    'logo', b.logo, 'event_url', b.event_url, 'computed_status', v.computed_status) order by lower(b.name), b.slug), '[]'::jsonb)
  from scraper_status_view v join bookmakers b using (bookmaker_id)
$$;

-- A page of the board: matches to come with a price on who wins that counts, by kick-off.
-- p_filter  {"sport", "leagues": [key or null (unknown), ...] or null (all), "from" and "until" (epoch s, null: open),
--            "bookmakers": [slug, ...] or null, "text" (folded as team names are; '' or null: any)}
-- p_after   [starts_at (epoch s), match_id] of the last match of the page before; null: the first page
-- Answers {"now" (epoch s), "bookmakers": fleet_board_bookmakers(), "leagues": [[key, name, country, matches], ...] of the
--   sport, whatever else the filter says, "matches": [{match_id, league_key, league, country, home, away, starts_at
--   (epoch s)}, ...], "listed": fleet_listed_prices of them, "more": whether there are further ones}.
create or replace function public.board_page(
  p_filter jsonb, p_after jsonb, p_limit integer, p_max_age_s double precision) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  chosen smallint[];
  wanted_text text := coalesce(p_filter->>'text', '');
  some_leagues boolean := jsonb_typeof(p_filter->'leagues') = 'array';
  found jsonb;
  ids bigint[];
begin
  if jsonb_typeof(p_filter->'bookmakers') = 'array' then
    select coalesce(array_agg(bookmaker_id), '{}') into chosen from bookmakers
    where slug in (select jsonb_array_elements_text(p_filter->'bookmakers'));
  end if;
  with counting as materialized (select scope_id from fleet_counting_scopes(p_max_age_s)),
  page as (
    select m.match_id, l.league_key, l.name as league, l.country, home.name as home, away.name as away,
           extract(epoch from m.starts_at)::bigint as starts_at
    from matches m
    left join leagues l using (league_id)
    join teams home on home.team_id = m.home_team_id
    join teams away on away.team_id = m.away_team_id
    where m.sport = p_filter->>'sport'
      and m.starts_at > now()
      and (p_filter->>'from' is null or m.starts_at >= to_timestamp((p_filter->>'from')::double precision))
      and (p_filter->>'until' is null or m.starts_at < to_timestamp((p_filter->>'until')::double precision))
      and (not some_leagues or case when l.league_key is null then p_filter->'leagues' @> 'null'::jsonb
                               else p_filter->'leagues' @> to_jsonb(l.league_key) end)
      and (wanted_text = '' or position(wanted_text in home.folded) > 0 or position(wanted_text in away.folded) > 0)
      and (p_after is null or jsonb_typeof(p_after) = 'null'
           or (m.starts_at, m.match_id) > (to_timestamp((p_after->>0)::double precision), (p_after->>1)::bigint))
      and exists (
        select from bookmaker_events e join prices p using (event_id)
        where e.match_id = m.match_id and e.starts_at > now() and p.status = 'open'
          and p.last_changed_at > now() - interval '30 days'
          and (chosen is null or e.bookmaker_id = any(chosen))
          and p.market in ('match_result', 'moneyline') and p.period = 'match' and p.side = 'back'
          and p.scope_id in (select scope_id from counting))
    order by m.starts_at, m.match_id
    limit p_limit + 1
  )
  select coalesce(jsonb_agg(to_jsonb(page) order by starts_at, match_id), '[]'::jsonb), array_agg(match_id order by starts_at, match_id)
  into found, ids from page;
  return jsonb_build_object(
    'now', extract(epoch from now()),
    'bookmakers', fleet_board_bookmakers(),
    'leagues', coalesce((
      select jsonb_agg(jsonb_build_array(league_key, name, country, matches) order by country, name)
      from (
        select l.league_key, l.name, l.country, count(*) as matches
        from matches m left join leagues l using (league_id)
        where m.sport = p_filter->>'sport' and m.starts_at > now()
          and exists (select from bookmaker_events e where e.match_id = m.match_id)
        group by l.league_key, l.name, l.country
      ) each), '[]'::jsonb),
    'matches', (select coalesce(jsonb_agg(value order by place), '[]'::jsonb)
                from jsonb_array_elements(found) with ordinality as each (value, place) where place <= p_limit),
    'listed', fleet_listed_prices(ids[:p_limit], chosen, true, p_max_age_s),
    'more', coalesce(array_length(ids, 1), 0) > p_limit);
end
$$;

-- One match with every price that counts.
-- Answers {"now" (epoch s), "bookmakers": fleet_board_bookmakers(), "match": as in board_page, with "sport"; null: there
--   is none, "listed": fleet_listed_prices of it}.
create or replace function public.board_match(p_match_id bigint, p_max_age_s double precision) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'now', extract(epoch from now()),
    'bookmakers', fleet_board_bookmakers(),
    'match', (
      select jsonb_build_object('match_id', m.match_id, 'sport', m.sport, 'league_key', l.league_key, 'league', l.name,
        'country', l.country, 'home', home.name, 'away', away.name, 'starts_at', extract(epoch from m.starts_at)::bigint)
      from matches m
      left join leagues l using (league_id)
      join teams home on home.team_id = m.home_team_id
      join teams away on away.team_id = m.away_team_id
      where m.match_id = p_match_id),
    'listed', fleet_listed_prices(array[p_match_id], null, false, p_max_age_s))
$$;

select public.fleet_for_roles(array['public', 'anon', 'authenticated'],
  format('revoke all on function %s from %%I', helper))
from unnest(array[
  'public.fleet_counting_scopes(double precision)'::regprocedure,
  'public.fleet_listed_prices(bigint[], smallint[], boolean, double precision)'::regprocedure,
  'public.fleet_board_bookmakers()'::regprocedure
]) as helper;
select public.fleet_guard_function(f) from unnest(array[
  'public.board_page(jsonb, jsonb, integer, double precision)'::regprocedure,
  'public.board_match(bigint, double precision)'::regprocedure
]) as f;
