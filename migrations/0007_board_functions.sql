-- The contract of the readers: following the board by change sequence, and keeping the database small.

-- Where every bookmaker stands. A reader asks for pages beyond the commit_seq it already holds.
-- Answers {"now" (epoch s), "bookmakers": [{bookmaker_id, slug, name, family, platform, site, event_url, commit_seq,
--   computed_status, expected_interval_s, last_success (epoch s or null)}], "scopes": [[scope_id, last_seen_at epoch s]]}.
create or replace function public.board_heads() returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'now', extract(epoch from now()),
    'bookmakers', coalesce((
      select jsonb_agg(jsonb_build_object(
        'bookmaker_id', b.bookmaker_id, 'slug', b.slug, 'name', b.name, 'family', b.family, 'platform', b.platform,
        'site', b.site, 'event_url', b.event_url, 'commit_seq', v.commit_seq,
        'computed_status', v.computed_status, 'expected_interval_s', v.expected_interval_s,
        'last_success', extract(epoch from v.last_success)) order by b.slug)
      from scraper_status_view v join bookmakers b on b.slug = v.scraper_name), '[]'::jsonb),
    'scopes', coalesce((
      select jsonb_agg(jsonb_build_array(scope_id, extract(epoch from last_seen_at))) from price_scopes), '[]'::jsonb))
$$;

-- Events of one bookmaker that changed after (p_after_seq, p_after_id) up to p_upto_seq.
-- Rows [commit_seq, event_id, source event id, match_id or null, swapped, home, away, starts_at (epoch s), league name].
create or replace function public.board_events(
  p_bookmaker_id integer, p_after_seq bigint, p_after_id bigint, p_upto_seq bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_array(commit_seq, event_id, source_event_id, match_id, swapped, home_name,
      away_name, extract(epoch from starts_at)::bigint, league_name) order by commit_seq, event_id), '[]'::jsonb)
  from (
    select * from bookmaker_events
    where bookmaker_id = p_bookmaker_id::smallint and commit_seq <= p_upto_seq
      and (commit_seq, event_id) > (p_after_seq, p_after_id)
    order by commit_seq, event_id limit p_limit
  ) e
$$;

-- Prices of one bookmaker that changed after (p_after_seq, p_after_key) up to p_upto_seq.
-- Rows [commit_seq, selection_key, event_id, scope_id, market, period, line, selection, rules, side, price, status,
--       available, commission, last_changed_at (epoch s)].
create or replace function public.board_prices(
  p_bookmaker_id integer, p_after_seq bigint, p_after_key bigint, p_upto_seq bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_array(commit_seq, selection_key, event_id, scope_id, market, period, line,
      selection, rules, side, price, status, available, commission, extract(epoch from last_changed_at))
      order by commit_seq, selection_key), '[]'::jsonb)
  from (
    select * from prices
    where bookmaker_id = p_bookmaker_id::smallint and commit_seq <= p_upto_seq
      and (commit_seq, selection_key) > (p_after_seq, p_after_key)
    order by commit_seq, selection_key limit p_limit
  ) p
$$;

-- Matches by id: [[match_id, sport, league_key, league, country, home, away, starts_at (epoch s)], ...].
create or replace function public.board_matches(p_match_ids jsonb) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_array(m.match_id, m.sport, l.league_key, l.name, l.country, home.name,
      away.name, extract(epoch from m.starts_at)::bigint) order by m.match_id), '[]'::jsonb)
  from matches m
  left join leagues l using (league_id)
  join teams home on home.team_id = m.home_team_id
  join teams away on away.team_id = m.away_team_id
  where m.match_id in (select id::bigint from jsonb_array_elements_text(p_match_ids) id)
$$;

-- Makes tomorrow's partitions and drops those past retention. A row in a default partition means that the
-- partitions were not made in time. Answers {"created", "dropped": [...], "default_rows": n}.
create or replace function public.maintain_partitions(
  p_days_ahead integer, p_keep_history_days integer, p_keep_cycles_days integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  created integer;
  dropped text[];
  stray bigint;
begin
  created := fleet_ensure_partitions('price_history', p_days_ahead) + fleet_ensure_partitions('scraper_cycles', p_days_ahead);
  dropped := fleet_drop_partitions('price_history', p_keep_history_days)
          || fleet_drop_partitions('scraper_cycles', p_keep_cycles_days);
  select (select count(*) from price_history_default) + (select count(*) from scraper_cycles_default) into stray;
  return jsonb_build_object('created', created, 'dropped', to_jsonb(dropped), 'default_rows', stray);
end
$$;

-- Puts away bookmaker events whose kick-off is more than p_keep_hours past, at most p_limit at a time: their
-- prices become summaries (opening, closing, minimum, maximum), their rows go; matches nobody lists any more and
-- that are as old go too. Answers {"events", "prices", "matches"}; call again while events = p_limit.
create or replace function public.cleanup_old_matches(p_keep_hours integer, p_limit integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  old_ids bigint[];
  n_prices integer;
  n_matches integer;
begin
  select array_agg(event_id) into old_ids from (
    select event_id from bookmaker_events
    where starts_at < now() - make_interval(hours => p_keep_hours)
    order by event_id limit p_limit for update skip locked
  ) old;
  insert into price_summaries (selection_key, match_id, bookmaker_id, source_event_id, starts_at, market, period, line,
                               selection, rules, side, opening_price, closing_price, min_price, max_price,
                               first_seen_at, last_changed_at)
  select p.selection_key, e.match_id, p.bookmaker_id, e.source_event_id, e.starts_at, p.market, p.period, p.line,
         p.selection, p.rules, p.side, p.opening_price, p.price, p.min_price, p.max_price,
         p.first_seen_at, p.last_changed_at
  from prices p join bookmaker_events e using (event_id)
  where e.event_id = any(old_ids)
  on conflict (selection_key) do update
    set closing_price = excluded.closing_price, min_price = least(price_summaries.min_price, excluded.min_price),
        max_price = greatest(price_summaries.max_price, excluded.max_price), last_changed_at = excluded.last_changed_at;
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

-- Tells every process to load its catalogue anew at its next cycle. Answers {"reload_epoch"}.
create or replace function public.request_cache_reload() returns jsonb
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  update catalogue_state set reload_epoch = reload_epoch + 1
  returning jsonb_build_object('reload_epoch', reload_epoch)
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.board_heads()'::regprocedure,
  'public.board_events(integer, bigint, bigint, bigint, integer)'::regprocedure,
  'public.board_prices(integer, bigint, bigint, bigint, integer)'::regprocedure,
  'public.board_matches(jsonb)'::regprocedure,
  'public.maintain_partitions(integer, integer, integer)'::regprocedure,
  'public.cleanup_old_matches(integer, integer)'::regprocedure,
  'public.request_cache_reload()'::regprocedure
]) as f;
