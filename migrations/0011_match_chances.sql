-- What bookmakers offer on matches now, as evidence for whose event is which.

-- p_match_ids  [match id, ...]
-- Answers {"<match id>": {"match_result": {"home", "draw", "away"}, "moneyline": {"home", "away"}}}: median of the open
-- standard prices to back, from the match's own home side's view; what nobody offers is absent.
create or replace function public.match_chances(p_match_ids jsonb) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with offered as (
    select e.match_id, p.market,
           case when not e.swapped then p.selection when p.selection = 'home' then 'away'
                when p.selection = 'away' then 'home' else p.selection end as selection,
           percentile_disc(0.5) within group (order by p.price) as price
    from bookmaker_events e join prices p using (event_id)
    where e.match_id in (select m::bigint from jsonb_array_elements_text(p_match_ids) m)
      and p.market in ('match_result', 'moneyline') and p.period = 'match' and p.rules = 'standard'
      and p.side = 'back' and p.status = 'open'
    group by 1, 2, 3
  ), markets as (
    select match_id, market, jsonb_object_agg(selection, price) as selections from offered group by 1, 2
  ), known as (
    select match_id, jsonb_object_agg(market, selections) as prices from markets group by 1
  )
  select coalesce(jsonb_object_agg(match_id, prices), '{}'::jsonb) from known
$$;

select public.fleet_guard_function('public.match_chances(jsonb)');
