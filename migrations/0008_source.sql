-- Where the odds of a database come from: bookmakers, the simulator, or recordings. Never two of them in one, or
-- invented matches would stand beside real ones.

alter table public.catalogue_state add column if not exists source text
  check (source in ('live', 'simulator', 'replay'));

-- The first writer (p_claim) says what the database holds from now on; readers only ask.
-- Answers {"source"}: what it holds, null while it holds nothing.
create or replace function public.claim_source(p_source text, p_claim boolean) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  held text;
begin
  select source into held from catalogue_state;
  if held is null and p_claim then
    update catalogue_state set source = p_source where source is null;
    select source into held from catalogue_state;
  end if;
  return jsonb_build_object('source', held);
end
$$;

-- Forgets every event, price, match and team, and what they came from. Declarations, status and settings stay.
-- Scrapers at work find another state (OF002), read the empty one and go on. Answers {"source"}: what was held.
create or replace function public.wipe_odds() returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  held text;
begin
  perform from scraper_status order by scraper_name for update;
  select source into held from catalogue_state for update;
  truncate prices, price_history, price_summaries, price_scopes, unmatched_events, bookmaker_events, matches,
    team_alias_matches, team_aliases, teams, scraper_cycles;
  update scraper_status set base_seq = base_seq + 1, commit_seq = commit_seq + 1, completeness = null;
  update catalogue_state set source = null, version = version + 1, reload_epoch = reload_epoch + 1;
  return jsonb_build_object('source', held);
end
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.claim_source(text, boolean)'::regprocedure,
  'public.wipe_odds()'::regprocedure
]) as f;
