-- What a price did: its changes for a chart, what stays of it after its match, and how much room all of that takes.

-- The event of a summary is gone, so the summary itself says how it reads from the match's own side.
alter table public.price_summaries add column if not exists swapped boolean not null default false;

-- Prices as they stood at kick-off: that of the match, or the bookmaker's own while the event has none. What was shown
-- later does not count. closing_price is the last one that was open; null before kick-off, and where nobody can tell
-- any more. Only where a price was shown after kick-off are the other three read from the history, as far as it is kept.
create or replace function public.fleet_settled_prices(p_keys bigint[]) returns table (
  selection_key bigint, opening_price numeric, closing_price numeric, min_price numeric, max_price numeric)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select p.selection_key,
    case when late.shown then early.opening else p.opening_price end,
    -- Without an open price in the history (its partition is dropped) the last one shown is it, if none came later.
    case when k.kickoff <= now() then coalesce(closing.price, case when not late.shown then p.price end) end,
    case when late.shown then early.lowest else p.min_price end,
    case when late.shown then early.highest else p.max_price end
  from prices p
  join bookmaker_events e using (event_id)
  left join matches m using (match_id)
  cross join lateral (select coalesce(m.starts_at, e.starts_at) as kickoff) k
  cross join lateral (
    select p.last_changed_at > k.kickoff and exists (
      select from price_history h
      where h.selection_key = p.selection_key and h.observed_at > k.kickoff and h.observed_at <= p.last_changed_at
        and h.price is not null) as shown) late
  left join lateral (
    select h.price from price_history h
    where k.kickoff <= now() and h.selection_key = p.selection_key
      and h.observed_at >= p.first_seen_at and h.observed_at <= k.kickoff and h.status = 'open'
    order by h.observed_at desc limit 1) closing on true
  left join lateral (
    select (array_agg(h.price order by h.observed_at))[1] as opening, min(h.price) as lowest, max(h.price) as highest
    from price_history h
    where late.shown and h.selection_key = p.selection_key
      and h.observed_at >= p.first_seen_at and h.observed_at <= k.kickoff and h.price is not null) early on true
  where p.selection_key = any(p_keys)
$$;

-- As in 0007, but odds after kick-off do not count, and the summary knows its orientation. A match that is put away
-- twice (it was put off, and listed again) keeps the older values where the newer listing has none.
create or replace function public.cleanup_old_matches(p_keep_hours integer, p_limit integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  old_ids bigint[];
  old_keys bigint[];
  n_prices integer;
  n_matches integer;
begin
  select array_agg(event_id) into old_ids from (
    select event_id from bookmaker_events
    where starts_at < now() - make_interval(hours => p_keep_hours)
    order by event_id limit p_limit for update skip locked
  ) old;
  select array_agg(selection_key) into old_keys from prices where event_id = any(old_ids);
  insert into price_summaries as s (
    selection_key, match_id, bookmaker_id, source_event_id, starts_at, market, period, line, selection, rules, side,
    opening_price, closing_price, min_price, max_price, first_seen_at, last_changed_at, swapped)
  select p.selection_key, e.match_id, p.bookmaker_id, e.source_event_id, e.starts_at, p.market, p.period, p.line,
         p.selection, p.rules, p.side, settled.opening_price, settled.closing_price, settled.min_price,
         settled.max_price, p.first_seen_at, p.last_changed_at, e.swapped
  from fleet_settled_prices(old_keys) settled
  join prices p using (selection_key)
  join bookmaker_events e using (event_id)
  on conflict (selection_key) do update
    set match_id = coalesce(excluded.match_id, s.match_id), starts_at = excluded.starts_at, swapped = excluded.swapped,
        opening_price = coalesce(s.opening_price, excluded.opening_price),
        closing_price = coalesce(excluded.closing_price, s.closing_price),
        min_price = least(s.min_price, excluded.min_price), max_price = greatest(s.max_price, excluded.max_price),
        last_changed_at = excluded.last_changed_at;
  get diagnostics n_prices = row_count;
  delete from bookmaker_events where event_id = any(old_ids);
  -- Scopes of single events would otherwise pile up for ever.
  delete from price_scopes s
  where s.last_seen_at < now() - make_interval(hours => p_keep_hours)
    and not exists (select from prices p where p.scope_id = s.scope_id);
  delete from matches m
  where m.starts_at < now() - make_interval(hours => p_keep_hours)
    and not exists (select from bookmaker_events e where e.match_id = m.match_id)
    and not exists (select from price_summaries s where s.match_id = m.match_id);
  get diagnostics n_matches = row_count;
  return jsonb_build_object('events', coalesce(array_length(old_ids, 1), 0), 'prices', n_prices, 'matches', n_matches);
end
$$;

-- Forgets summaries of matches that began more than p_keep_days ago, at most p_limit at a time; their matches go with
-- the next cleanup. Answers {"summaries"}; call again while it is p_limit.
create or replace function public.drop_old_summaries(p_keep_days integer, p_limit integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer;
begin
  delete from price_summaries where selection_key in (
    select selection_key from price_summaries where starts_at < now() - make_interval(days => p_keep_days)
    order by starts_at limit p_limit for update skip locked);
  get diagnostics n = row_count;
  return jsonb_build_object('summaries', n);
end
$$;

-- Letters without accents, small: what a person types finds what a table holds.
create or replace function public.fleet_plain(p_text text) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
  -- Capitals too: in the C locale, lower() knows no others than A to Z.
  select translate(lower(p_text), 'áàâãäåéèêëíìîïóòôõöøúùûüçñýšžčćđğşı'
                                  'ÁÀÂÃÄÅÉÈÊËÍÌÎÏÓÒÔÕÖØÚÙÛÜÇÑÝŠŽČĆĐĞŞİ',
                   'aaaaaaeeeeiiiioooooouuuucnyszccdgsiaaaaaaeeeeiiiioooooouuuucnyszccdgsi')
$$;

-- Matches in whose teams, league or country every one of the words (plain, as fleet_plain writes) stands; nearest
-- kick-off first. Rows {"match_id", "sport", "league_key", "league", "home", "away", "starts_at" (epoch s)}.
create or replace function public.find_matches(p_words jsonb, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'match_id', found.match_id, 'sport', found.sport, 'league_key', found.league_key, 'league', found.league,
      'home', found.home, 'away', found.away, 'starts_at', extract(epoch from found.starts_at)::bigint)
      order by found.distance, found.match_id), '[]'::jsonb)
  from (
    select m.match_id, m.sport, l.league_key, l.name as league, home.name as home, away.name as away, m.starts_at,
           abs(extract(epoch from m.starts_at - now())) as distance
    from matches m
    left join leagues l using (league_id)
    join teams home on home.team_id = m.home_team_id
    join teams away on away.team_id = m.away_team_id
    where not exists (
      select from jsonb_array_elements_text(p_words) word
      where position(word in fleet_plain(concat_ws(' ', home.name, home.folded, away.name, away.folded, l.name,
                                                   l.league_key, l.country))) = 0)
    order by distance, m.match_id limit p_limit
  ) found
$$;

-- Every price that bookmakers had on a match, on offer or put away, in pages by selection_key, each with its changes
-- since p_since (null: all that are kept). The change that was in force at p_since is the first of them.
--   p_filter  {"bookmaker": slug, "market", "period", "offer": [market, period, line, selection, rules, side]} any of
--             them; "offer" is one selection from the match's own side, and then "mirrored" the same from the other
-- Answers {"match": {match_id, sport, league_key, league, home, away, starts_at} or null, "history_from": first day
--   whose changes are kept, "selections": [{"key", "bookmaker", "name", "source_event_id", "swapped", "market",
--   "period", "line", "selection", "rules", "side" (as the bookmaker lists it), "price" (last shown), "status" (null:
--   put away), "opening", "closing" (null: see fleet_settled_prices), "lowest", "highest", "first_seen_at",
--   "last_changed_at", "changes": [[observed_at, price or null, status], ...]}, ...]}. Times are epoch s.
create or replace function public.match_history(
  p_match_id bigint, p_filter jsonb, p_since timestamptz, p_after_key bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  -- Materialized: the planner takes the filters below for so narrow that it would look through every price.
  with held as materialized (
    select p.selection_key, p.bookmaker_id, e.source_event_id, e.swapped, p.market, p.period, p.line, p.selection,
           p.rules, p.side, p.price, p.status, p.first_seen_at, p.last_changed_at
    from bookmaker_events e join prices p using (event_id)
    where e.match_id = p_match_id and p.selection_key > p_after_key
    union all
    select s.selection_key, s.bookmaker_id, s.source_event_id, s.swapped, s.market, s.period, s.line, s.selection,
           s.rules, s.side, null, null, s.first_seen_at, s.last_changed_at
    from price_summaries s
    where s.match_id = p_match_id and s.selection_key > p_after_key
      and not exists (select from prices p where p.selection_key = s.selection_key)
  ), asked as (
    select h.*, b.slug, b.name
    from held h join bookmakers b using (bookmaker_id)
    where coalesce(p_filter->>'bookmaker', b.slug) = b.slug
      and coalesce(p_filter->>'market', h.market) = h.market
      and coalesce(p_filter->>'period', h.period) = h.period
      and (p_filter->'offer' is null or jsonb_build_array(h.market, h.period, h.line::float8, h.selection, h.rules, h.side)
           = case when h.swapped then p_filter->'mirrored' else p_filter->'offer' end)
    order by h.selection_key limit p_limit
  ), told as (
    select a.*, r.opening_price, r.closing_price, r.min_price, r.max_price
    from asked a
    join (
      select * from fleet_settled_prices((select array_agg(selection_key) from asked where status is not null))
      union all
      select s.selection_key, s.opening_price, s.closing_price, s.min_price, s.max_price
      from price_summaries s join asked using (selection_key) where asked.status is null
    ) r using (selection_key)
  )
  select jsonb_build_object(
    'match', (select jsonb_build_object('match_id', m.match_id, 'sport', m.sport, 'league_key', l.league_key,
                'league', l.name, 'home', home.name, 'away', away.name,
                'starts_at', extract(epoch from m.starts_at)::bigint)
              from matches m
              left join leagues l using (league_id)
              join teams home on home.team_id = m.home_team_id
              join teams away on away.team_id = m.away_team_id
              where m.match_id = p_match_id),
    'history_from', (select extract(epoch from min(to_date(right(c.relname, 8), 'YYYYMMDD'))::timestamp at time zone 'utc')
                     from pg_inherits i join pg_class c on c.oid = i.inhrelid
                     where i.inhparent = 'public.price_history'::regclass and c.relname ~ '_\d{8}$'),
    'selections', coalesce((
      select jsonb_agg(jsonb_build_object(
        'key', t.selection_key, 'bookmaker', t.slug, 'name', t.name, 'source_event_id', t.source_event_id,
        'swapped', t.swapped, 'market', t.market, 'period', t.period, 'line', t.line, 'selection', t.selection,
        'rules', t.rules, 'side', t.side, 'price', t.price, 'status', t.status, 'opening', t.opening_price,
        'closing', t.closing_price, 'lowest', t.min_price, 'highest', t.max_price,
        'first_seen_at', extract(epoch from t.first_seen_at), 'last_changed_at', extract(epoch from t.last_changed_at),
        'changes', coalesce(changes.list, '[]'::jsonb)) order by t.selection_key)
      from told t
      left join lateral (
        select h.observed_at from price_history h
        where h.selection_key = t.selection_key and h.observed_at >= t.first_seen_at and h.observed_at <= p_since
        order by h.observed_at desc limit 1) begun on true
      left join lateral (
        select jsonb_agg(jsonb_build_array(extract(epoch from h.observed_at), h.price, h.status) order by h.observed_at) as list
        from price_history h
        where h.selection_key = t.selection_key and h.observed_at <= t.last_changed_at
          and h.observed_at >= coalesce(begun.observed_at, greatest(p_since, t.first_seen_at))) changes on true
    ), '[]'::jsonb))
$$;

-- How much room the database takes, and where. Rows are estimates of the server's statistics.
-- Answers {"now", "database_bytes", "tables": [{"table", "bytes" (with indexes and partitions), "rows"}, ...] largest
--   first, "days": [{"table", "day" (UTC), "bytes", "rows"}, ...] the daily partitions that hold rows, "default_rows":
--   {table: rows in its default partition}, "summaries": {"from": first day (UTC) of a kick-off, null: there are none,
--   "days": {day: rows} of the last eight days}}.
create or replace function public.storage_report() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  parent record;
  n bigint;
  strays jsonb := '{}';
begin
  for parent in
    select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'p' order by 1
  loop
    execute format('select count(*) from public.%I', parent.relname || '_default') into n;
    strays := strays || jsonb_build_object(parent.relname, n);
  end loop;
  return (
    with relations as (
      select c.oid, c.relname, c.relkind, coalesce(i.inhparent, c.oid) as owner,
             pg_total_relation_size(c.oid) as bytes,
             case when c.reltuples >= 0 then c.reltuples::bigint else pg_stat_get_live_tuples(c.oid) end as n_rows
      from pg_class c left join pg_inherits i on i.inhrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    ), days as (
      select o.relname as name, to_date(right(r.relname, 8), 'YYYYMMDD') as day, r.bytes, r.n_rows
      from relations r join pg_class o on o.oid = r.owner
      where r.owner <> r.oid and r.relname ~ '_\d{8}$' and r.n_rows > 0
    ), tables as (
      select o.relname as name, sum(r.bytes) as bytes, sum(case when r.relkind = 'r' then r.n_rows else 0 end) as n_rows
      from relations r join pg_class o on o.oid = r.owner group by o.relname
    )
    select jsonb_build_object(
      'now', now(),
      'database_bytes', pg_database_size(current_database()),
      'tables', (select jsonb_agg(jsonb_build_object('table', name, 'bytes', bytes, 'rows', n_rows)
                                  order by bytes desc, name) from tables),
      'days', (select coalesce(jsonb_agg(jsonb_build_object('table', name, 'day', day, 'bytes', bytes, 'rows', n_rows)
                                         order by name, day), '[]'::jsonb) from days),
      'default_rows', strays,
      'summaries', jsonb_build_object(
        'from', (select (min(starts_at) at time zone 'utc')::date from price_summaries),
        'days', (select coalesce(jsonb_object_agg(day, n_rows), '{}'::jsonb)
                 from (select (starts_at at time zone 'utc')::date as day, count(*) as n_rows from price_summaries
                       where starts_at > now() - interval '8 days' group by 1) recent)))
  );
end
$$;

select public.fleet_for_roles(array['public', 'anon', 'authenticated'],
  format('revoke all on function %s from %%I', helper))
from unnest(array[
  'public.fleet_settled_prices(bigint[])'::regprocedure,
  'public.fleet_plain(text)'::regprocedure
]) as helper;
select public.fleet_guard_function(f) from unnest(array[
  'public.cleanup_old_matches(integer, integer)'::regprocedure,
  'public.drop_old_summaries(integer, integer)'::regprocedure,
  'public.find_matches(jsonb, integer)'::regprocedure,
  'public.match_history(bigint, jsonb, timestamptz, bigint, integer)'::regprocedure,
  'public.storage_report()'::regprocedure
]) as f;
