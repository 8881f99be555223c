-- The contract of a scraper: its lease, its committed state, and the one transaction of a cycle.
-- SQLSTATE OF001: the lease is held by another. OF002: the difference was made against another state.

-- Asks for the right to write one bookmaker. The same holder gets it again at once, with a new token, so
-- that a restarted process takes over from its dead self and the dead one's late writes are refused.
-- Answers {"granted", "token", "holder", "expires_in_s", "base_seq", "asked_s_ago"}; not granted: who holds it, for
-- how long. asked_s_ago: seconds since the last known cycle began, null before the first.
create or replace function public.acquire_lease(
  p_scraper text, p_holder text, p_mode text, p_machine text, p_pid integer, p_ttl_s integer,
  p_expected_interval_s integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  held scraper_status;
begin
  select * into held from scraper_status where scraper_name = p_scraper for update;
  if not found then
    raise exception 'acquire_lease: % is not registered; run: fleet db migrate', p_scraper using errcode = '22023';
  end if;
  if held.lease_holder is distinct from p_holder and held.lease_expires_at > now() then
    insert into scraper_standby (scraper_name, holder, mode) values (p_scraper, p_holder, p_mode)
    on conflict (scraper_name, holder, mode) do update set last_seen_at = now();
    return jsonb_build_object('granted', false, 'token', null, 'holder', held.lease_holder,
      'expires_in_s', extract(epoch from held.lease_expires_at - now()), 'base_seq', held.base_seq);
  end if;
  update scraper_status
  set lease_holder = p_holder, lease_token = lease_token + 1, lease_expires_at = now() + make_interval(secs => p_ttl_s),
      mode = p_mode, machine = p_machine, pid = p_pid, expected_interval_s = p_expected_interval_s,
      status = case when status = 'stopped' then 'waiting' else status end
  where scraper_name = p_scraper
  returning * into held;
  delete from scraper_standby where scraper_name = p_scraper and holder = p_holder and mode = p_mode;
  return jsonb_build_object('granted', true, 'token', held.lease_token, 'holder', p_holder,
                            'expires_in_s', p_ttl_s, 'base_seq', held.base_seq,
                            'asked_s_ago', extract(epoch from now() - held.last_heartbeat)
                                           + coalesce(held.duration_ms, 0) / 1000.0);
end
$$;

-- A copy on the same machine that waits for its turn says so. Answers {"holder"}: who is at work.
create or replace function public.report_standby(p_scraper text, p_holder text, p_mode text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into scraper_standby (scraper_name, holder, mode) values (p_scraper, p_holder, p_mode)
  on conflict (scraper_name, holder, mode) do update set last_seen_at = now();
  return (select jsonb_build_object('holder', lease_holder) from scraper_status where scraper_name = p_scraper);
end
$$;

-- Keeps the lease while a long cycle runs. OF001 when it is gone.
create or replace function public.renew_lease(p_scraper text, p_lease_token bigint, p_ttl_s integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update scraper_status set lease_expires_at = now() + make_interval(secs => p_ttl_s)
  where scraper_name = p_scraper and lease_token = p_lease_token;
  if not found then
    raise exception 'renew_lease: the lease of % is not held with token %', p_scraper, p_lease_token
      using errcode = 'OF001';
  end if;
  return jsonb_build_object('expires_in_s', p_ttl_s);
end
$$;

-- A clean stop gives the lease back, so that the other mode need not wait for it to run out.
create or replace function public.release_lease(p_scraper text, p_lease_token bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update scraper_status set lease_holder = null, lease_expires_at = null, status = 'stopped'
  where scraper_name = p_scraper and lease_token = p_lease_token;
  return jsonb_build_object('released', found);
end
$$;

-- The committed state of one scraper, in pages by selection_key.
-- Rows [selection_key, price or null, status, scope, source event id, available]; fewer than p_limit: that was all.
create or replace function public.load_state(p_scraper text, p_after_key bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_array(p.selection_key, p.price, p.status, s.scope, e.source_event_id, p.available)
                            order by p.selection_key), '[]'::jsonb)
  from (
    select * from prices
    where bookmaker_id = (select bookmaker_id from scraper_status where scraper_name = p_scraper)
      and selection_key > p_after_key and status <> 'gone'
    order by selection_key limit p_limit
  ) p
  join price_scopes s using (scope_id)
  join bookmaker_events e on e.event_id = p.event_id
$$;

-- The events of one scraper whose kick-off is not more than a day past, in pages by event_id.
-- Rows [event_id, source id, sport, source league id, league name, home, away, starts_at (epoch s), linked].
create or replace function public.load_events(p_scraper text, p_after_event_id bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_array(event_id, source_event_id, sport, source_league_id, league_name,
      home_name, away_name, extract(epoch from starts_at)::bigint, match_id is not null) order by event_id), '[]'::jsonb)
  from (
    select * from bookmaker_events
    where bookmaker_id = (select bookmaker_id from scraper_status where scraper_name = p_scraper)
      and event_id > p_after_event_id and starts_at > now() - interval '1 day'
    order by event_id limit p_limit
  ) e
$$;

-- One cycle, all or nothing. p_cycle:
--   cycle_id (uuid), scraper, lease_token, lease_ttl_s, base_seq (the commit with data that the difference was made against)
--   started_at, duration_ms, outcome, error (null when none), success (boolean), expected_interval_s, mode
--   odds_collected, odds_inserted, rejected, extra_data
--   scopes  [[scope, observed_at], ...]              every part of the offer that was answered; the rest is untouched
--   events  [[source id, sport, source league id, league name, league key or null, home, away, starts_at], ...]
--           new ones and those whose description changed
--   new     [[selection_key, source event id, scope index, market, period, line, selection, rules, side, price,
--             status, available, commission], ...]
--   changed [[selection_key, scope index, price, status, available], ...]
--   moved   [[selection_key, scope index], ...]         same price, listed under another scope now
--   gone    [[selection_key, scope index], ...]
--   links, catalogue_version                          see fleet_apply_links
-- A cycle without scopes is a heartbeat only and needs no base_seq.
-- A machine whose clock runs ahead makes nothing look fresher than it is: no time of a cycle counts as later than now.
-- A second change at the same instant (a clock set back, a replayed recording) replaces the first in the history.
-- A cycle_id that is already committed changes nothing and answers as it did then, with "duplicate": true.
-- Answers {"duplicate", "base_seq", "commit_seq", "changes", "links": {...} , "reload_epoch"}.
create or replace function public.commit_cycle(p_cycle jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  held scraper_status;
  answer jsonb;
  carries boolean := jsonb_array_length(coalesce(p_cycle->'scopes', '[]')) > 0;
  seq bigint;
  scope_ids integer[];
  scope_times timestamptz[];
  n integer;
  n_changes integer := 0;
  links jsonb;
  usual double precision;
  complete real;
begin
  select * into held from scraper_status where scraper_name = p_cycle->>'scraper' for update;
  if not found then
    raise exception 'commit_cycle: % is not registered; run: fleet db migrate', p_cycle->>'scraper'
      using errcode = '22023';
  end if;
  select result into answer from scraper_cycles
  where cycle_id = (p_cycle->>'cycle_id')::uuid and started_at = (p_cycle->>'started_at')::timestamptz;
  if found then
    return answer || jsonb_build_object('duplicate', true, 'base_seq', held.base_seq, 'commit_seq', held.commit_seq);
  end if;
  if held.lease_token is distinct from (p_cycle->>'lease_token')::bigint then
    raise exception 'commit_cycle: the lease of % is not held with token %', held.scraper_name, p_cycle->>'lease_token'
      using errcode = 'OF001';
  end if;
  if carries and held.base_seq is distinct from (p_cycle->>'base_seq')::bigint then
    raise exception 'commit_cycle: % is at commit %, the difference was made against %',
      held.scraper_name, held.base_seq, p_cycle->>'base_seq' using errcode = 'OF002';
  end if;
  seq := held.commit_seq + carries::integer;

  if carries then
    with seen as (
      select (row.value->>0) as scope, least(now(), (row.value->>1)::timestamptz) as at, row.ordinality
      from jsonb_array_elements(p_cycle->'scopes') with ordinality row
    ), stored as (
      insert into price_scopes (bookmaker_id, scope, last_seen_at)
      select held.bookmaker_id, scope, at from seen
      on conflict (bookmaker_id, scope) do update set last_seen_at = excluded.last_seen_at
      returning scope_id, scope
    )
    select array_agg(stored.scope_id order by ordinality), array_agg(seen.at order by ordinality)
    into scope_ids, scope_times from seen join stored using (scope);

    insert into bookmaker_events as e (bookmaker_id, source_event_id, sport, source_league_id, league_name,
                                       league_key, home_name, away_name, starts_at, commit_seq)
    select held.bookmaker_id, d->>0, d->>1, d->>2, d->>3, d->>4, d->>5, d->>6, (d->>7)::timestamptz, seq
    from jsonb_array_elements(p_cycle->'events') d
    on conflict (bookmaker_id, source_event_id) do update
      set sport = excluded.sport, source_league_id = excluded.source_league_id, league_name = excluded.league_name,
          league_key = excluded.league_key, home_name = excluded.home_name, away_name = excluded.away_name,
          starts_at = excluded.starts_at, commit_seq = seq;

    with incoming as (
      select (d->>0)::bigint as selection_key, d->>1 as source_event_id, (d->>2)::integer + 1 as scope_no,
             d->>3 as market, d->>4 as period, (d->>5)::numeric as line, d->>6 as selection, d->>7 as rules,
             d->>8 as side, (d->>9)::numeric as price, d->>10 as status, (d->>11)::numeric as available,
             coalesce((d->>12)::numeric, 0) as commission
      from jsonb_array_elements(p_cycle->'new') d
    ), stored as (
      insert into prices as p (selection_key, event_id, bookmaker_id, scope_id, market, period, line, selection,
                               rules, side, price, status, available, commission, opening_price, min_price,
                               max_price, first_seen_at, last_changed_at, commit_seq)
      select i.selection_key, e.event_id, held.bookmaker_id, scope_ids[i.scope_no], i.market, i.period, i.line,
             i.selection, i.rules, i.side, i.price, i.status, i.available, i.commission, i.price, i.price, i.price,
             scope_times[i.scope_no], scope_times[i.scope_no], seq
      from incoming i
      join bookmaker_events e on e.bookmaker_id = held.bookmaker_id and e.source_event_id = i.source_event_id
      on conflict (selection_key) do update
        set scope_id = excluded.scope_id, price = coalesce(excluded.price, p.price), status = excluded.status,
            available = excluded.available, commission = excluded.commission,
            opening_price = coalesce(p.opening_price, excluded.price),
            min_price = least(p.min_price, excluded.price), max_price = greatest(p.max_price, excluded.price),
            last_changed_at = excluded.last_changed_at, commit_seq = seq
        where (p.event_id, p.market, p.period, p.line, p.selection, p.rules, p.side) is not distinct from
          (excluded.event_id, excluded.market, excluded.period, excluded.line, excluded.selection,
           excluded.rules, excluded.side)
      returning p.selection_key
    ), logged as (
      insert into price_history (selection_key, observed_at, price, status, bookmaker_id, commit_seq)
      select i.selection_key, scope_times[i.scope_no], i.price, i.status, held.bookmaker_id, seq
      from incoming i join stored using (selection_key)
      on conflict (selection_key, observed_at) do update
        set price = excluded.price, status = excluded.status, commit_seq = excluded.commit_seq
      returning 1
    )
    select count(*) into n from logged;
    if n <> jsonb_array_length(p_cycle->'new') then
      raise exception 'commit_cycle: % of % new selections of % fit; an event is unknown or two keys collide',
        n, jsonb_array_length(p_cycle->'new'), held.scraper_name using errcode = 'OF002';
    end if;
    n_changes := n_changes + n;

    with incoming as (
      select (d->>0)::bigint as selection_key, (d->>1)::integer + 1 as scope_no, (d->>2)::numeric as price,
             d->>3 as status, (d->>4)::numeric as available
      from jsonb_array_elements(p_cycle->'changed') d
    ), stored as (
      update prices p
      set scope_id = scope_ids[i.scope_no], price = coalesce(i.price, p.price), status = i.status,
          available = i.available,
          opening_price = coalesce(p.opening_price, i.price),
          min_price = least(p.min_price, i.price), max_price = greatest(p.max_price, i.price),
          last_changed_at = scope_times[i.scope_no], commit_seq = seq
      from incoming i
      where p.selection_key = i.selection_key and p.bookmaker_id = held.bookmaker_id and p.status <> 'gone'
      returning i.selection_key, i.scope_no, i.price, i.status
    ), logged as (
      insert into price_history (selection_key, observed_at, price, status, bookmaker_id, commit_seq)
      select selection_key, scope_times[scope_no], price, status, held.bookmaker_id, seq from stored
      on conflict (selection_key, observed_at) do update
        set price = excluded.price, status = excluded.status, commit_seq = excluded.commit_seq
      returning 1
    )
    select count(*) into n from logged;
    if n <> jsonb_array_length(p_cycle->'changed') then
      raise exception 'commit_cycle: % of % changed selections of % are known',
        n, jsonb_array_length(p_cycle->'changed'), held.scraper_name using errcode = 'OF002';
    end if;
    n_changes := n_changes + n;

    update prices p set scope_id = scope_ids[(d->>1)::integer + 1], commit_seq = seq
    from jsonb_array_elements(p_cycle->'moved') d
    where p.selection_key = (d->>0)::bigint and p.bookmaker_id = held.bookmaker_id;

    with incoming as (
      select (d->>0)::bigint as selection_key, (d->>1)::integer + 1 as scope_no
      from jsonb_array_elements(p_cycle->'gone') d
    ), stored as (
      update prices p set status = 'gone', last_changed_at = scope_times[i.scope_no], commit_seq = seq
      from incoming i
      where p.selection_key = i.selection_key and p.bookmaker_id = held.bookmaker_id and p.status <> 'gone'
      returning i.selection_key, i.scope_no
    ), logged as (
      insert into price_history (selection_key, observed_at, price, status, bookmaker_id, commit_seq)
      select selection_key, scope_times[scope_no], null, 'gone', held.bookmaker_id, seq from stored
      on conflict (selection_key, observed_at) do update
        set price = excluded.price, status = excluded.status, commit_seq = excluded.commit_seq
      returning 1
    )
    select count(*) into n from logged;
    if n <> jsonb_array_length(p_cycle->'gone') then
      raise exception 'commit_cycle: % of % gone selections of % are known',
        n, jsonb_array_length(p_cycle->'gone'), held.scraper_name using errcode = 'OF002';
    end if;
    n_changes := n_changes + n;
  end if;

  links := fleet_apply_links(held.bookmaker_id, seq, (p_cycle->>'catalogue_version')::bigint,
                             case when carries then coalesce(p_cycle->'links', '[]') else '[]' end);
  if carries then
    perform fleet_move_matches(held.bookmaker_id,
      (select coalesce(jsonb_agg(d->0), '[]') from jsonb_array_elements(p_cycle->'events') d));
  end if;

  select percentile_cont(0.5) within group (order by recent.odds_collected) into usual
  from (
    select c.odds_collected from scraper_cycles c
    where c.scraper_name = held.scraper_name and c.outcome in ('ok', 'partial')
      and c.started_at > now() - interval '1 day'
    order by c.started_at desc limit 20
  ) recent;
  complete := case
    when not (p_cycle->>'success')::boolean then held.completeness
    when coalesce(usual, 0) = 0 then 1
    else (p_cycle->>'odds_collected')::integer / usual end;

  answer := jsonb_build_object('duplicate', false, 'base_seq', held.base_seq + carries::integer,
                               'commit_seq', seq, 'changes', n_changes, 'links', links,
                               'reload_epoch', links->'reload_epoch');
  insert into scraper_cycles (cycle_id, started_at, scraper_name, outcome, mode, duration_ms, odds_collected,
                              odds_inserted, changed, rejected, error, extra_data, result)
  values ((p_cycle->>'cycle_id')::uuid, (p_cycle->>'started_at')::timestamptz, held.scraper_name,
          p_cycle->>'outcome', p_cycle->>'mode', (p_cycle->>'duration_ms')::integer,
          (p_cycle->>'odds_collected')::integer, (p_cycle->>'odds_inserted')::integer, n_changes,
          (p_cycle->>'rejected')::integer, p_cycle->>'error', coalesce(p_cycle->'extra_data', '{}'), answer);
  update scraper_status
  set last_heartbeat = now(),
      last_success = case when (p_cycle->>'success')::boolean
                     then greatest(last_success, least(now(), (p_cycle->>'started_at')::timestamptz
                                   + make_interval(secs => (p_cycle->>'duration_ms')::integer / 1000.0)))
                     else last_success end,
      odds_collected = (p_cycle->>'odds_collected')::integer,
      odds_inserted = (p_cycle->>'odds_inserted')::integer,
      cycle_count = cycle_count + 1,
      last_error = p_cycle->>'error',
      status = case when (p_cycle->>'success')::boolean then 'ok' else 'error' end,
      extra_data = coalesce(p_cycle->'extra_data', '{}'),
      expected_interval_s = coalesce((p_cycle->>'expected_interval_s')::integer, expected_interval_s),
      outcome = p_cycle->>'outcome',
      duration_ms = (p_cycle->>'duration_ms')::integer,
      completeness = complete,
      base_seq = held.base_seq + carries::integer,
      commit_seq = seq,
      lease_expires_at = now() + make_interval(secs => (p_cycle->>'lease_ttl_s')::integer)
  where scraper_name = held.scraper_name;
  return answer;
end
$$;

-- The status view as JSON, for the command line and the services.
create or replace function public.status_report() returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'now', now(),
    'scrapers', (select coalesce(jsonb_agg(to_jsonb(v) order by v.scraper_name), '[]'::jsonb) from scraper_status_view v),
    'services', (select coalesce(jsonb_agg(to_jsonb(s) || jsonb_build_object('seconds_since_heartbeat',
                   extract(epoch from now() - s.last_heartbeat)) order by s.service_name), '[]'::jsonb)
                 from service_status s))
$$;

-- A service (not a scraper) made a round. p_error null: it went well.
create or replace function public.service_heartbeat(
  p_service text, p_expected_interval_s integer, p_error text, p_extra jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into service_status as s (service_name, last_heartbeat, last_success, expected_interval_s, last_error, extra_data)
  values (p_service, now(), case when p_error is null then now() end, p_expected_interval_s, p_error,
          coalesce(p_extra, '{}'))
  on conflict (service_name) do update
    set last_heartbeat = now(), last_success = coalesce(excluded.last_success, s.last_success),
        expected_interval_s = excluded.expected_interval_s, last_error = excluded.last_error,
        extra_data = excluded.extra_data;
  return jsonb_build_object('reload_epoch', (select reload_epoch from catalogue_state));
end
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.acquire_lease(text, text, text, text, integer, integer, integer)'::regprocedure,
  'public.report_standby(text, text, text)'::regprocedure,
  'public.renew_lease(text, bigint, integer)'::regprocedure,
  'public.release_lease(text, bigint)'::regprocedure,
  'public.load_state(text, bigint, integer)'::regprocedure,
  'public.load_events(text, bigint, integer)'::regprocedure,
  'public.commit_cycle(jsonb)'::regprocedure,
  'public.status_report()'::regprocedure,
  'public.service_heartbeat(text, integer, text, jsonb)'::regprocedure
]) as f;
