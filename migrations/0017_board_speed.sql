-- Following a large board. These answer json, which is written once; jsonb is taken apart and put together again at each
-- level that it is nested in (measured: half again as long).

-- Prices of one bookmaker that changed after (p_after_seq, p_after_key) up to p_upto_seq, at most p_limit, put together
-- by what they are for: of each offer the columns of its prices. A cell of a row costs several times as much as one of a
-- column, on both sides of the connection, and the names of an offer travel once.
-- Answers {"next": [commit_seq, selection_key] (go on after these) or null (that was all),
--   "offers": [[market, period, line, selection, rules, side,
--               open: [selection_key], [event_id], [scope_id], [price], [last_changed_at (epoch s)],
--                     [available] or null (nobody says), [commission] or null (none),
--               not open any more: [selection_key], [event_id]], ...]}. Columns without a row are null.
create or replace function public.board_prices_v2(
  p_bookmaker_id integer, p_after_seq bigint, p_after_key bigint, p_upto_seq bigint, p_limit integer) returns json
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with page as materialized (
    select * from prices
    where bookmaker_id = p_bookmaker_id::smallint and commit_seq <= p_upto_seq
      and (commit_seq, selection_key) > (p_after_seq, p_after_key)
    order by commit_seq, selection_key limit p_limit
  )
  select json_build_object(
    'next', (
      select json_build_array(commit_seq, selection_key) from page
      order by commit_seq, selection_key offset p_limit - 1),
    'offers', coalesce((
      select json_agg(json_build_array(
        market, period, line, selection, rules, side, keys, events, scopes, prices, changed,
        case when has_available then available end, case when has_commission then commission end,
        closed_keys, closed_events))
      from (
        select market, period, line, selection, rules, side,
               to_json(array_agg(selection_key) filter (where status = 'open')) as keys,
               to_json(array_agg(event_id) filter (where status = 'open')) as events,
               to_json(array_agg(scope_id) filter (where status = 'open')) as scopes,
               to_json(array_agg(price) filter (where status = 'open')) as prices,
               to_json(array_agg(date_part('epoch', last_changed_at)) filter (where status = 'open')) as changed,
               to_json(array_agg(available) filter (where status = 'open')) as available,
               to_json(array_agg(commission) filter (where status = 'open')) as commission,
               bool_or(available is not null) as has_available, bool_or(commission <> 0) as has_commission,
               to_json(array_agg(selection_key) filter (where status <> 'open')) as closed_keys,
               to_json(array_agg(event_id) filter (where status <> 'open')) as closed_events
        from page group by market, period, line, selection, rules, side
      ) by_offer), '[]'::json))
$$;

-- The first page of what changed at several bookmakers, in one answer: a round asks once, however many committed.
-- p_after  {"<bookmaker_id>": [changed after this commit_seq, up to this one], ...}
-- Answers {"<bookmaker_id>": {"events": as board_events, "prices": as board_prices_v2}, ...}, at most p_limit rows of each.
create or replace function public.board_changes(p_after jsonb, p_limit integer) returns json
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(json_object_agg(asked.key, json_build_object(
    'events', public.board_events(
      asked.key::integer, (asked.value->>0)::bigint, 9223372036854775807, (asked.value->>1)::bigint, p_limit),
    'prices', public.board_prices_v2(
      asked.key::integer, (asked.value->>0)::bigint, 9223372036854775807, (asked.value->>1)::bigint, p_limit))), '{}'::json)
  from jsonb_each(p_after) asked
$$;

select public.fleet_guard_function('public.board_prices_v2(integer, bigint, bigint, bigint, integer)');
select public.fleet_guard_function('public.board_changes(jsonb, integer)');
