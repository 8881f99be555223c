-- Editing the catalogue by hand: merging what was created twice, correcting names, and seeing what a verdict rests on.
--
-- Every function answers one JSON value. Every write is a row of catalogue_reviews (who, when, why, before, after, what
-- it touched) and is taken back with undo_review. A refusal is SQLSTATE 22023 and says what stands in the way.
--   merge_teams(p_keep bigint, p_gone bigint, p_actor text, p_reason text)
--   merge_matches(p_keep bigint, p_gone bigint, p_swapped boolean or null, p_actor text, p_reason text)
--   keep_apart(p_subject 'teams' or 'matches', p_one bigint, p_other bigint, p_actor text, p_reason text)
--   list_team_duplicates(p_after_keep bigint, p_after_gone bigint, p_limit integer)
--   list_match_duplicates(p_after_keep bigint, p_after_gone bigint, p_limit integer)
--   list_team_witnesses(p_after_low bigint, p_after_high bigint, p_limit integer)
--   edit_team(p_team_id bigint, p_changes jsonb, p_actor text, p_reason text)
--   edit_league(p_league_key text, p_changes jsonb, p_actor text, p_reason text)
--   edit_bookmaker(p_slug text, p_changes jsonb, p_actor text, p_reason text)
--   add_alias(p_team_id bigint, p_spelling jsonb, p_actor text, p_reason text)      (taken away with review_alias)
--   find_teams(p_words jsonb, p_sport text or null, p_after_team_id bigint, p_limit integer) · team_details(p_team_id bigint)
--   list_leagues(p_after_league_id integer, p_limit integer) · list_bookmakers()
--   waiting_events(p_bookmaker text or null, p_after_event_id bigint, p_limit integer) · event_for_diagnosis(p_event_id bigint)
--   catalogue_around(p_event_id bigint)
--   review_effects(p_review_id bigint)
--   list_reviews(p_before_review_id bigint, p_limit integer) · undo_review(p_review_id bigint, p_actor text, p_reason text)

-- --- what is kept ---------------------------------------------------------------------------------------------

alter table public.teams add column if not exists logo_url text not null default '';
-- What a person set; it goes before what scrapers/*.json declare: league {"name", "country"}, bookmaker {"logo"}.
alter table public.leagues add column if not exists edited jsonb not null default '{}';
alter table public.bookmakers add column if not exists edited jsonb not null default '{}';
-- A summary stands in its bookmaker's own view, as a price does; turned round when its match is merged the other way.
alter table public.price_summaries add column if not exists swapped boolean not null default false;

create index if not exists matches_away on public.matches (away_team_id);
create index if not exists team_aliases_folded on public.team_aliases (folded, category);

-- Teams and matches that are part of another now. Whoever still decides on an older catalogue, or makes a team of the
-- same name anew, gets the one that was kept. Without foreign keys, as kept_apart: these tables follow the catalogue, and
-- whoever forgets it whole (wipe_odds) need not know them.
create table if not exists public.merged_teams (
  team_id bigint primary key,
  into_team_id bigint not null,
  sport text not null,
  folded text not null,
  category text not null,
  country text not null
);
create index if not exists merged_teams_name on public.merged_teams (sport, folded, category, country);
create index if not exists merged_teams_into on public.merged_teams (into_team_id);

create table if not exists public.merged_matches (
  match_id bigint primary key,
  into_match_id bigint not null,
  swapped boolean not null              -- its home side is the other's away side
);
create index if not exists merged_matches_into on public.merged_matches (into_match_id);

-- Pairs of teams or matches that a person said are two: never proposed again, and not merged.
create table if not exists public.kept_apart (
  subject text not null check (subject in ('teams', 'matches')),
  low_id bigint not null,
  high_id bigint not null,
  review_id bigint not null,
  primary key (subject, low_id, high_id),
  check (low_id < high_id)
);

alter table public.catalogue_reviews drop constraint if exists catalogue_reviews_action_check;
alter table public.catalogue_reviews add constraint catalogue_reviews_action_check
  check (action in ('accept', 'reject', 'edit', 'undo'));
alter table public.catalogue_reviews drop constraint if exists catalogue_reviews_subject_check;
alter table public.catalogue_reviews add constraint catalogue_reviews_subject_check
  check (subject in ('alias', 'event', 'teams', 'matches', 'team', 'league', 'bookmaker'));
-- after: what an edit or a merge made of `before`; record: what an undo needs; team_ids and match_ids: a later merge of
-- any of these stands in the way of it.
alter table public.catalogue_reviews add column if not exists after jsonb not null default '{}';
alter table public.catalogue_reviews add column if not exists record jsonb not null default '{}';
alter table public.catalogue_reviews add column if not exists team_ids bigint[] not null default '{}';
alter table public.catalogue_reviews add column if not exists match_ids bigint[] not null default '{}';

create or replace function public.fleet_forget_merges() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  truncate merged_teams, merged_matches, kept_apart;
  return null;
end
$$;
create or replace trigger forget_merges after truncate on public.teams
  for each statement execute function public.fleet_forget_merges();

select public.fleet_guard_table('public.merged_teams', array['authenticated']);
select public.fleet_guard_table('public.merged_matches', array['authenticated']);
select public.fleet_guard_table('public.kept_apart', array['authenticated']);

-- --- deciding on a catalogue that has moved on --------------------------------------------------------------------

-- The team that this one is part of now; itself when it was not merged.
create or replace function public.fleet_current_team(p_team_id bigint) returns bigint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce((select into_team_id from merged_teams where team_id = p_team_id), p_team_id)
$$;

-- As before (see 0005), and a name that was merged away is not made anew.
create or replace function public.fleet_team_of(p_side jsonb, p_sport text, p_version bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  found bigint := fleet_current_team((p_side->>'team_id')::bigint);
  wanted_country text := coalesce(p_side->>'country', '');
  wanted_category text := coalesce(p_side->>'category', '');
begin
  if found is null then
    select team_id into found from teams
    where sport = p_sport and folded = p_side->>'folded' and category = wanted_category and country = wanted_country;
  end if;
  if found is null then
    select into_team_id into found from merged_teams
    where sport = p_sport and folded = p_side->>'folded' and category = wanted_category and country = wanted_country
    order by team_id desc limit 1;
  end if;
  if found is null then
    insert into teams (sport, name, folded, country, category, version)
    values (p_sport, p_side->>'name', p_side->>'folded', wanted_country, wanted_category, p_version)
    returning team_id into found;
  end if;
  return found;
end
$$;

-- As before (see 0010), for the team that the named one is part of now. Its own name needs no note.
create or replace function public.fleet_note_spelling(
  p_spelling jsonb, p_event_id bigint, p_match_id bigint, p_bookmaker_id smallint, p_method text, p_score real,
  p_version bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  team bigint := fleet_current_team((p_spelling->>'team_id')::bigint);
  wanted_category text := coalesce(p_spelling->>'category', '');
  known team_aliases;
  seen_by text := (select family from bookmakers where bookmaker_id = p_bookmaker_id);
  is_new boolean;
begin
  if exists (select from teams where team_id = team and folded = p_spelling->>'folded' and category = wanted_category) then
    return false;
  end if;
  insert into team_aliases (team_id, alias, folded, category, bookmaker_id, evidence, version)
  values (team, p_spelling->>'alias', p_spelling->>'folded', wanted_category, p_bookmaker_id, 0, p_version)
  on conflict (team_id, folded, category) do nothing;
  is_new := found;
  select * into known from team_aliases
  where team_id = team and folded = p_spelling->>'folded' and category = wanted_category for update;
  insert into team_alias_sightings (alias_id, event_id, match_id, bookmaker_id, method, score)
  values (known.alias_id, p_event_id, p_match_id, p_bookmaker_id, coalesce(p_method, ''), coalesce(p_score, 0))
  on conflict (alias_id, event_id) do update
    set match_id = excluded.match_id, method = excluded.method, score = excluded.score, seen_at = now();
  insert into team_alias_matches (alias_id, match_id) values (known.alias_id, p_match_id) on conflict do nothing;
  update team_aliases
  set evidence = evidence + found::integer,
      families = case when seen_by = any(families) then families else families || seen_by end
  where alias_id = known.alias_id returning * into known;
  -- What a person has undone once, only a person confirms again.
  if known.status = 'proposed' and known.evidence >= (case when cardinality(known.families) > 1 then 3 else 5 end)
     and fleet_alias_is_free(known.alias_id)
     and not exists (select from catalogue_reviews r where r.subject = 'alias' and r.subject_id = known.alias_id
                     and r.action = 'undo') then
    update team_aliases set status = 'confirmed', version = p_version where alias_id = known.alias_id;
    insert into catalogue_reviews (actor, action, subject, subject_id, reason, before)
    values ('evidence', 'accept', 'alias', known.alias_id,
            format('%s matches, families %s', known.evidence, array_to_string(known.families, ', ')),
            jsonb_build_object('status', 'proposed'));
    return true;
  end if;
  return is_new;
end
$$;

-- As before (see 0005); what a person set of a bookmaker or league stays.
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
        transport = excluded.transport, logo = coalesce(b.edited->>'logo', excluded.logo), site = excluded.site,
        event_url = excluded.event_url, active = true
    where (b.name, b.platform, b.family, b.transport, b.logo, b.site, b.event_url, b.active) is distinct from
      (excluded.name, excluded.platform, excluded.family, excluded.transport,
       coalesce(b.edited->>'logo', excluded.logo), excluded.site, excluded.event_url, true);
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
    set name = coalesce(l.edited->>'name', excluded.name), country = coalesce(l.edited->>'country', excluded.country),
        sport = excluded.sport, version = next_version
    where (l.name, l.country, l.sport) is distinct from
      (coalesce(l.edited->>'name', excluded.name), coalesce(l.edited->>'country', excluded.country), excluded.sport);
  get diagnostics n_leagues = row_count;
  if n_leagues > 0 then
    update catalogue_state set version = next_version;
  end if;
  return jsonb_build_object('bookmakers', n_bookmakers, 'leagues', n_leagues);
end
$$;

-- --- small steps that merges, edits and undoing share ---------------------------------------------------------------

create or replace function public.fleet_refuse(p_message text) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  raise exception '%', p_message using errcode = '22023';
end
$$;

-- A new version of the catalogue, which every process that holds one loads anew: rows may be gone from it.
create or replace function public.fleet_next_version() returns bigint
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  update catalogue_state set version = version + 1, reload_epoch = reload_epoch + 1 returning version
$$;

-- A new commit for the bookmakers of these events, so that whoever follows the board reads them and their matches again.
create or replace function public.fleet_touch_events(p_event_ids bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update scraper_status s set commit_seq = commit_seq + 1
  where s.bookmaker_id in (select e.bookmaker_id from bookmaker_events e where e.event_id = any(p_event_ids));
  update bookmaker_events e
  set commit_seq = (select max(s.commit_seq) from scraper_status s where s.bookmaker_id = e.bookmaker_id)
  where e.event_id = any(p_event_ids);
end
$$;

-- The events of a team's matches.
create or replace function public.fleet_events_of_team(p_team_id bigint) returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(array_agg(e.event_id), '{}') from bookmaker_events e join matches m using (match_id)
  where p_team_id in (m.home_team_id, m.away_team_id)
$$;

-- Makes a spelling {"alias", "folded", "category"} a confirmed alias of a team, unless it is its own name (answers null).
-- Answers {"alias_id", "status": what it was before, null: it was not there}.
create or replace function public.fleet_confirm_alias(p_team_id bigint, p_spelling jsonb, p_version bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  known team_aliases;
begin
  if exists (select from teams where team_id = p_team_id and folded = p_spelling->>'folded'
             and category = p_spelling->>'category') then
    return null;
  end if;
  select * into known from team_aliases
  where team_id = p_team_id and folded = p_spelling->>'folded' and category = p_spelling->>'category';
  if found then
    update team_aliases set status = 'confirmed', version = p_version where alias_id = known.alias_id;
    return jsonb_build_object('alias_id', known.alias_id, 'status', known.status);
  end if;
  insert into team_aliases (team_id, alias, folded, category, status, evidence, version)
  values (p_team_id, p_spelling->>'alias', p_spelling->>'folded', p_spelling->>'category', 'confirmed', 0, p_version)
  returning * into known;
  return jsonb_build_object('alias_id', known.alias_id, 'status', null);
end
$$;

-- Takes back what fleet_confirm_alias answered. An alias that was not there goes, and the events linked through it are
-- decided again. Answers what those were (fleet_relink).
create or replace function public.fleet_restore_alias(p_made jsonb, p_version bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  dependent jsonb := '[]';
begin
  if p_made->>'status' is not null then
    update team_aliases set status = p_made->>'status', version = p_version
    where alias_id = (p_made->>'alias_id')::bigint;
  elsif p_made->>'alias_id' is not null then
    select coalesce(jsonb_agg(jsonb_build_object('event_id', s.event_id, 'match_id', null)), '[]') into dependent
    from team_alias_sightings s join bookmaker_events e using (event_id)
    where s.alias_id = (p_made->>'alias_id')::bigint and e.match_id = s.match_id;
    dependent := fleet_relink(dependent);
    delete from team_aliases where alias_id = (p_made->>'alias_id')::bigint;
  end if;
  return dependent;
end
$$;

-- Events as a verdict left them, with merges since taken in: the match that theirs is part of now.
create or replace function public.fleet_follow_merges(p_events jsonb) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(case when m.match_id is null then d else d || jsonb_build_object(
    'match_id', m.into_match_id, 'swapped', coalesce((d->>'swapped')::boolean, false) <> m.swapped) end), '[]')
  from jsonb_array_elements(p_events) d left join merged_matches m on m.match_id = (d->>'match_id')::bigint
$$;

-- --- merging matches ----------------------------------------------------------------------------------------------

-- Puts one match into another: its events (turned round where the two list their sides the other way), summaries,
-- evidence and what points at it. An event whose bookmaker offers the kept match already waits as a duplicate.
-- The caller holds the locks and makes the commits. Answers what fleet_unmerge_match takes back.
create or replace function public.fleet_merge_match(
  p_keep bigint, p_gone bigint, p_swapped boolean, p_version bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  kept matches;
  gone matches;
  told text;
  image jsonb;
  doubled bigint[];
begin
  select * into kept from matches where match_id = p_keep;
  select * into gone from matches where match_id = p_gone;
  select format('%s x %s of %s', e.home_name, e.away_name, b.slug) into told
  from bookmaker_events e join bookmakers b using (bookmaker_id)
  where (e.match_id = p_keep and p_gone = any(e.not_matches)) or (e.match_id = p_gone and p_keep = any(e.not_matches))
  limit 1;
  if told is not null then
    perform fleet_refuse(format('matches %s and %s: a person said of %s that it is only one of them', p_keep, p_gone, told));
  end if;
  if exists (select from kept_apart where subject = 'matches' and low_id = least(p_keep, p_gone)
             and high_id = greatest(p_keep, p_gone)) then
    perform fleet_refuse(format('matches %s and %s: a person said that they are two; undo that first', p_keep, p_gone));
  end if;
  -- Events first: a cleanup that is putting them away ends before the rest is looked at (see 0007).
  perform from bookmaker_events where match_id = p_gone order by event_id for update;
  select array_agg(e.event_id) into doubled from bookmaker_events e
  where e.match_id = p_gone and exists (
    select from bookmaker_events other join prices p using (event_id)
    where other.match_id = p_keep and other.bookmaker_id = e.bookmaker_id and p.status <> 'gone');
  doubled := coalesce(doubled, '{}');
  image := jsonb_build_object(
    'keep', p_keep, 'swapped', p_swapped, 'match', to_jsonb(gone), 'kept', to_jsonb(kept), 'doubled', to_jsonb(doubled),
    'events', (select coalesce(jsonb_agg(jsonb_build_object(
        'event_id', event_id, 'match_id', match_id, 'swapped', swapped, 'method', link_method, 'score', link_score,
        'bookmaker_id', bookmaker_id, 'source_event_id', source_event_id, 'linked_at', linked_at) order by event_id), '[]')
      from bookmaker_events where match_id = p_gone),
    'summaries', (select coalesce(jsonb_agg(distinct jsonb_build_array(bookmaker_id, source_event_id)), '[]')
      from price_summaries where match_id = p_gone),
    'sightings', (select coalesce(jsonb_agg(jsonb_build_array(alias_id, event_id)), '[]')
      from team_alias_sightings where match_id = p_gone),
    'alias_matches', (select coalesce(jsonb_agg(jsonb_build_object('alias_id', g.alias_id, 'shared', k.alias_id is not null)), '[]')
      from team_alias_matches g left join team_alias_matches k on k.alias_id = g.alias_id and k.match_id = p_keep
      where g.match_id = p_gone),
    'not_matches', (select coalesce(jsonb_agg(jsonb_build_object('event_id', event_id, 'not_matches', to_jsonb(not_matches))), '[]')
      from bookmaker_events where p_gone = any(not_matches)),
    'merged', (select coalesce(jsonb_agg(match_id), '[]') from merged_matches where into_match_id = p_gone));

  update bookmaker_events set match_id = p_keep, swapped = swapped <> p_swapped
  where match_id = p_gone and event_id <> all(doubled);
  update bookmaker_events set match_id = null, swapped = false, link_method = null, link_score = null, linked_at = null
  where event_id = any(doubled);
  insert into unmatched_events as u (event_id, reason, candidates)
  select event_id, 'duplicate', jsonb_build_array(jsonb_build_object('match_id', p_keep)) from unnest(doubled) event_id
  on conflict (event_id) do update set reason = excluded.reason, candidates = excluded.candidates, last_seen_at = now();
  update bookmaker_events
  set not_matches = array_append(array_remove(array_remove(not_matches, p_gone), p_keep), p_keep)
  where p_gone = any(not_matches);
  update unmatched_events u set candidates = (
    select coalesce(jsonb_agg(case when (c->>'match_id')::bigint = p_gone then c || jsonb_build_object(
        'match_id', p_keep, 'swapped', coalesce((c->>'swapped')::boolean, false) <> p_swapped) else c end), '[]')
    from jsonb_array_elements(u.candidates) c
    where (c->>'match_id')::bigint is distinct from p_gone
       or not u.candidates @> jsonb_build_array(jsonb_build_object('match_id', p_keep)))
  where u.candidates @> jsonb_build_array(jsonb_build_object('match_id', p_gone));
  update price_summaries set match_id = p_keep, swapped = swapped <> p_swapped where match_id = p_gone;
  update team_alias_sightings set match_id = p_keep where match_id = p_gone;
  insert into team_alias_matches (alias_id, match_id)
  select alias_id, p_keep from team_alias_matches where match_id = p_gone on conflict do nothing;
  update team_aliases a set evidence = evidence - 1, version = p_version
  from jsonb_array_elements(image->'alias_matches') d
  where a.alias_id = (d->>'alias_id')::bigint and (d->>'shared')::boolean;
  update matches set league_id = coalesce(league_id, gone.league_id), version = p_version where match_id = p_keep;
  delete from merged_matches where not exists (select from matches m where m.match_id = into_match_id);
  update merged_matches set into_match_id = p_keep, swapped = swapped <> p_swapped where into_match_id = p_gone;
  insert into merged_matches (match_id, into_match_id, swapped) values (p_gone, p_keep, p_swapped);
  delete from matches where match_id = p_gone;
  perform fleet_move_matches(one.bookmaker_id, jsonb_build_array(one.source_event_id))
  from (select * from bookmaker_events where match_id = p_keep order by event_id limit 1) one;
  return image || jsonb_build_object('moved_to', (select starts_at from matches where match_id = p_keep));
end
$$;

-- Takes a merge of two matches back. What was linked to the kept one since is decided again; an event that a verdict
-- moved since stays where that put it. A kept match that was put away meanwhile took the other one with it.
-- Answers the events as they were (as fleet_relink).
create or replace function public.fleet_unmerge_match(p_record jsonb, p_merged_at timestamptz, p_version bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  keep_id bigint := (p_record->>'keep')::bigint;
  gone_id bigint := (p_record->'match'->>'match_id')::bigint;
  turned boolean := (p_record->>'swapped')::boolean;
  kept matches := jsonb_populate_record(null::matches, p_record->'kept');
  gone matches := jsonb_populate_record(null::matches, p_record->'match');
  doubled bigint[] := array(select jsonb_array_elements_text(p_record->'doubled')::bigint);
  own bigint[] := array(select (d->>'event_id')::bigint from jsonb_array_elements(p_record->'events') d);
  later jsonb;
  returning_ids bigint[];
  before jsonb;
begin
  perform from matches where match_id = keep_id for update;
  if not found then
    return '[]';
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('event_id', event_id, 'match_id', null)), '[]') into later
  from bookmaker_events
  where match_id = keep_id and linked_at > p_merged_at and link_method is distinct from 'person' and event_id <> all(own);
  before := fleet_relink(later);
  update matches
  set league_id = kept.league_id, version = p_version,
      starts_at = case when starts_at in ((p_record->>'moved_to')::timestamptz, gone.starts_at) then kept.starts_at
                  else starts_at end
  where match_id = keep_id;
  if exists (select from matches where (home_team_id, away_team_id, starts_at) =
             (gone.home_team_id, gone.away_team_id, gone.starts_at)) then
    perform fleet_refuse(format('match %s cannot come back: another one of its teams has its kick-off now', gone_id));
  end if;
  insert into matches (match_id, sport, league_id, home_team_id, away_team_id, starts_at, created_at, version)
  values (gone_id, gone.sport, gone.league_id, gone.home_team_id, gone.away_team_id, gone.starts_at, gone.created_at, p_version);

  select array_agg(event_id), before || coalesce(jsonb_agg(jsonb_build_object('event_id', event_id, 'match_id', match_id,
      'swapped', swapped, 'method', link_method, 'score', link_score)), '[]')
  into returning_ids, before
  from bookmaker_events
  where event_id = any(own) and (match_id = keep_id or (match_id is null and event_id = any(doubled)));
  update bookmaker_events e
  set match_id = gone_id, swapped = (d->>'swapped')::boolean, link_method = d->>'method', link_score = (d->>'score')::real,
      linked_at = (d->>'linked_at')::timestamptz
  from jsonb_array_elements(p_record->'events') d
  where e.event_id = (d->>'event_id')::bigint and e.event_id = any(returning_ids);
  delete from unmatched_events where event_id = any(returning_ids);
  -- As it was; where a verdict came since, with the match that is back in the place of the kept one.
  update bookmaker_events e
  set not_matches = case
    when e.not_matches = array_append(array_remove(array_remove(was.ids, gone_id), keep_id), keep_id) then was.ids
    when keep_id = any(was.ids) then array_append(e.not_matches, gone_id)
    else array_append(array_remove(e.not_matches, keep_id), gone_id) end
  from (select (d->>'event_id')::bigint as event_id, array(select jsonb_array_elements_text(d->'not_matches')::bigint) as ids
        from jsonb_array_elements(p_record->'not_matches') d) was
  where e.event_id = was.event_id and keep_id = any(e.not_matches);
  update price_summaries s set match_id = gone_id, swapped = s.swapped <> turned
  where s.match_id = keep_id and (s.bookmaker_id, s.source_event_id) in (
    select (d->>0)::smallint, d->>1 from jsonb_array_elements(p_record->'summaries') d
    union select (d->>'bookmaker_id')::smallint, d->>'source_event_id' from jsonb_array_elements(p_record->'events') d);
  update team_alias_sightings s set match_id = gone_id
  from jsonb_array_elements(p_record->'sightings') d
  where s.alias_id = (d->>0)::bigint and s.event_id = (d->>1)::bigint and s.match_id = keep_id;
  delete from team_alias_matches m using jsonb_array_elements(p_record->'alias_matches') d
  where m.alias_id = (d->>'alias_id')::bigint and m.match_id = keep_id and not (d->>'shared')::boolean;
  insert into team_alias_matches (alias_id, match_id)
  select a.alias_id, gone_id from jsonb_array_elements(p_record->'alias_matches') d
  join team_aliases a on a.alias_id = (d->>'alias_id')::bigint on conflict do nothing;
  update team_aliases a set evidence = evidence + 1, version = p_version
  from jsonb_array_elements(p_record->'alias_matches') d
  where a.alias_id = (d->>'alias_id')::bigint and (d->>'shared')::boolean;
  delete from merged_matches where match_id = gone_id;
  update merged_matches set into_match_id = gone_id, swapped = swapped <> turned
  where match_id in (select jsonb_array_elements_text(p_record->'merged')::bigint);
  return before;
end
$$;

-- Whether two matches list their sides the other way round: as the teams they share say, else as an event says that
-- waits because it could be either. Null: nothing tells.
create or replace function public.fleet_sides_turned(p_one bigint, p_other bigint) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select case
    when one.home_team_id = other.home_team_id or one.away_team_id = other.away_team_id then false
    when one.home_team_id = other.away_team_id or one.away_team_id = other.home_team_id then true
    else (
      select coalesce((a->>'swapped')::boolean, false) <> coalesce((b->>'swapped')::boolean, false)
      from unmatched_events u, jsonb_array_elements(u.candidates) a, jsonb_array_elements(u.candidates) b
      where (a->>'match_id')::bigint = p_one and (b->>'match_id')::bigint = p_other
      order by u.event_id limit 1) end
  from matches one, matches other where one.match_id = p_one and other.match_id = p_other
$$;

-- Two matches of the catalogue are one: p_gone becomes part of p_keep. p_swapped: they list their sides the other way
-- round; null: as fleet_sides_turned tells. Answers {"review_id", "touched": [events as they were]}.
create or replace function public.merge_matches(
  p_keep bigint, p_gone bigint, p_swapped boolean, p_actor text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  kept matches;
  gone matches;
  turned boolean;
  image jsonb;
  made bigint;
begin
  perform fleet_lock_for_review();
  select * into kept from matches where match_id = p_keep;
  select * into gone from matches where match_id = p_gone;
  if kept.match_id is null or gone.match_id is null or p_keep = p_gone then
    perform fleet_refuse(format('matches %s and %s: two different matches of the catalogue are needed', p_keep, p_gone));
  end if;
  if kept.sport <> gone.sport then
    perform fleet_refuse(format('match %s is %s, match %s is %s', p_keep, kept.sport, p_gone, gone.sport));
  end if;
  if abs(extract(epoch from kept.starts_at - gone.starts_at)) > 3 * 3600 then
    perform fleet_refuse(format('matches %s and %s kick off more than three hours apart', p_keep, p_gone));
  end if;
  if kept.league_id <> gone.league_id
     and not array[kept.home_team_id, kept.away_team_id] && array[gone.home_team_id, gone.away_team_id] then
    perform fleet_refuse(format('matches %s and %s are of different leagues and share no team', p_keep, p_gone));
  end if;
  turned := coalesce(p_swapped, fleet_sides_turned(p_keep, p_gone));
  if turned is null then
    perform fleet_refuse(format('matches %s and %s share no team: say whether they list their sides the same way',
                                p_keep, p_gone));
  end if;
  image := fleet_merge_match(p_keep, p_gone, turned, fleet_next_version());
  perform fleet_touch_events(array(select (d->>'event_id')::bigint from jsonb_array_elements(image->'events') d));
  insert into catalogue_reviews (actor, action, subject, subject_id, reason, before, after, touched, record, match_ids)
  values (p_actor, 'accept', 'matches', p_keep, coalesce(p_reason, ''),
          jsonb_build_object('keep', to_jsonb(kept), 'gone', to_jsonb(gone)),
          (select to_jsonb(m) from matches m where match_id = p_keep),
          fleet_as_touched(image->'events'), jsonb_build_object('matches', jsonb_build_array(image)),
          array[p_keep, p_gone])
  returning review_id into made;
  return jsonb_build_object('review_id', made, 'touched', fleet_as_touched(image->'events'));
end
$$;

-- Events of a merge as `touched` of a review names them.
create or replace function public.fleet_as_touched(p_events jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(d - 'bookmaker_id' - 'source_event_id' - 'linked_at'), '[]') from jsonb_array_elements(p_events) d
$$;

-- --- merging teams ------------------------------------------------------------------------------------------------

-- Gives a team the aliases of another with all their evidence. Answers what fleet_unmerge_aliases takes back.
create or replace function public.fleet_merge_aliases(p_keep bigint, p_gone bigint, p_version bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  alias team_aliases;
  known team_aliases;
  folded_in team_aliases;
  shared integer;
  new_events bigint[];
  new_matches bigint[];
  new_status text;
  moved jsonb := '[]';
  joined jsonb := '[]';
begin
  for alias in select * from team_aliases where team_id = p_gone order by alias_id loop
    select * into known from team_aliases
    where team_id = p_keep and folded = alias.folded and category = alias.category;
    if not found then
      -- The kept team's own name waits for nobody's verdict any more.
      update team_aliases
      set team_id = p_keep, version = p_version,
          status = case when exists (select from teams t where t.team_id = p_keep
                                     and (t.folded, t.category) = (alias.folded, alias.category))
                   then 'confirmed' else status end
      where alias_id = alias.alias_id returning status into new_status;
      moved := moved || jsonb_build_object('alias_id', alias.alias_id, 'status', alias.status, 'made', new_status);
      continue;
    end if;
    if 'rejected' in (alias.status, known.status) and 'confirmed' in (alias.status, known.status) then
      perform fleet_refuse(format('"%s" is confirmed for one of the teams and rejected for the other (aliases %s and %s)',
                                  alias.alias, known.alias_id, alias.alias_id));
    end if;
    new_events := array(select event_id from team_alias_sightings where alias_id = alias.alias_id
                        except select event_id from team_alias_sightings where alias_id = known.alias_id);
    new_matches := array(select match_id from team_alias_matches where alias_id = alias.alias_id
                         except select match_id from team_alias_matches where alias_id = known.alias_id);
    select count(*) into shared from team_alias_matches one join team_alias_matches other using (match_id)
    where one.alias_id = alias.alias_id and other.alias_id = known.alias_id;
    joined := joined || jsonb_build_object(
      'alias', to_jsonb(alias), 'known', to_jsonb(known), 'added', alias.evidence - shared,
      'new_events', to_jsonb(new_events), 'new_matches', to_jsonb(new_matches),
      'sightings', (select coalesce(jsonb_agg(to_jsonb(s)), '[]') from team_alias_sightings s where s.alias_id = alias.alias_id),
      'matches', (select coalesce(jsonb_agg(match_id), '[]') from team_alias_matches where alias_id = alias.alias_id));
    update team_alias_sightings set alias_id = known.alias_id where alias_id = alias.alias_id and event_id = any(new_events);
    update team_alias_matches set alias_id = known.alias_id where alias_id = alias.alias_id and match_id = any(new_matches);
    delete from team_aliases where alias_id = alias.alias_id;
    update team_aliases
    set evidence = evidence + alias.evidence - shared, version = p_version,
        families = array(select distinct unnest(known.families || alias.families) order by 1),
        status = case when 'confirmed' in (known.status, alias.status) then 'confirmed'
                      when 'rejected' in (known.status, alias.status) then 'rejected' else 'proposed' end
    where alias_id = known.alias_id returning * into folded_in;
    joined := jsonb_set(joined, array[(jsonb_array_length(joined) - 1)::text, 'status'], to_jsonb(folded_in.status));
  end loop;
  return jsonb_build_object('moved', moved, 'joined', joined);
end
$$;

-- Takes fleet_merge_aliases back. The team that the aliases return to is there again.
create or replace function public.fleet_unmerge_aliases(
  p_record jsonb, p_gone bigint, p_merged_at timestamptz, p_version bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  one jsonb;
  alias team_aliases;
  known team_aliases;
begin
  update team_aliases a
  set team_id = p_gone, version = p_version, status = case when a.status = d->>'made' then d->>'status' else a.status end
  from jsonb_array_elements(p_record->'moved') d where a.alias_id = (d->>'alias_id')::bigint;
  for one in select jsonb_array_elements(p_record->'joined') loop
    alias := jsonb_populate_record(null::team_aliases, one->'alias');
    known := jsonb_populate_record(null::team_aliases, one->'known');
    insert into team_aliases (alias_id, team_id, alias, folded, category, bookmaker_id, status, evidence, created_at, version, families)
    values (alias.alias_id, p_gone, alias.alias, alias.folded, alias.category, alias.bookmaker_id, alias.status,
            alias.evidence, alias.created_at, p_version, alias.families);
    -- Where the events and matches are now: some were put away, others went back to their own match before this.
    insert into team_alias_sightings (alias_id, event_id, match_id, bookmaker_id, method, score, seen_at)
    select alias.alias_id, s.event_id, coalesce(now_at.match_id, s.match_id), s.bookmaker_id, s.method, s.score, s.seen_at
    from jsonb_populate_recordset(null::team_alias_sightings, one->'sightings') s
    join bookmaker_events using (event_id)
    left join team_alias_sightings now_at on now_at.alias_id = known.alias_id and now_at.event_id = s.event_id;
    delete from team_alias_sightings where alias_id = known.alias_id
      and event_id in (select jsonb_array_elements_text(one->'new_events')::bigint);
    insert into team_alias_matches (alias_id, match_id)
    select alias.alias_id, m.match_id from jsonb_array_elements_text(one->'matches') d
    join matches m on m.match_id = d::bigint;
    delete from team_alias_matches where alias_id = known.alias_id
      and match_id in (select jsonb_array_elements_text(one->'new_matches')::bigint);
    update team_aliases a
    set evidence = evidence - (one->>'added')::integer, version = p_version,
        status = case when a.status = one->>'status' then known.status else a.status end,
        families = known.families || array(
          select distinct b.family from team_alias_sightings s join bookmakers b using (bookmaker_id)
          where s.alias_id = a.alias_id and s.seen_at > p_merged_at and b.family <> all(known.families))
    where alias_id = known.alias_id;
  end loop;
end
$$;

-- Why two teams cannot be one, in words; null when nothing speaks against it.
create or replace function public.fleet_why_not_one_team(p_keep bigint, p_gone bigint) returns text
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  kept teams;
  gone teams;
  one bigint;
  other bigint;
  named text;
begin
  select * into kept from teams where team_id = p_keep;
  select * into gone from teams where team_id = p_gone;
  if p_keep = p_gone and kept.team_id is not null then
    return 'they are one team';
  elsif kept.team_id is null or gone.team_id is null then
    return 'two teams of the catalogue are needed';
  elsif kept.sport <> gone.sport then
    return format('one plays %s, the other %s', kept.sport, gone.sport);
  elsif kept.category <> gone.category then
    return format('their categories differ: %s and %s', coalesce(nullif(kept.category, ''), 'senior men'),
                  coalesce(nullif(gone.category, ''), 'senior men'));
  elsif kept.country <> gone.country and kept.country <> '' and gone.country <> '' then
    return format('one is of %s, the other of %s; correct the country first', kept.country, gone.country);
  elsif exists (select from kept_apart where subject = 'teams'
                and (fleet_current_team(low_id), fleet_current_team(high_id)) in ((p_keep, p_gone), (p_gone, p_keep))) then
    return 'a person said that they are two; undo that first';
  end if;
  select match_id into one from matches where (home_team_id, away_team_id) in ((p_keep, p_gone), (p_gone, p_keep)) limit 1;
  if one is not null then
    return format('they played each other in match %s', one);
  end if;
  select m.match_id, n.match_id into one, other from matches m join matches n
    on n.starts_at between m.starts_at - interval '3 hours' and m.starts_at + interval '3 hours'
   and p_gone in (n.home_team_id, n.away_team_id)
  where p_keep in (m.home_team_id, m.away_team_id)
    and ((m.home_team_id + m.away_team_id - p_keep) <> (n.home_team_id + n.away_team_id - p_gone)
         or m.league_id <> n.league_id)
  order by m.match_id, n.match_id limit 1;
  if one is not null then
    -- The same opponent in another league is no twin either: nothing says which league the one match would be of.
    return format('they play others at that time in matches %s and %s; merge those first if they are one', one, other);
  end if;
  select a.alias into named from team_aliases a join teams t on t.team_id in (p_keep, p_gone) and t.team_id <> a.team_id
  where a.team_id in (p_keep, p_gone) and a.status = 'rejected' and (a.folded, a.category) = (t.folded, t.category) limit 1;
  if named is not null then
    return format('a person said that "%s" is not the other team; undo that first', named);
  end if;
  return null;
end
$$;

-- Whether a merge of these two teams was undone once.
create or replace function public.fleet_was_unmerged(p_one bigint, p_other bigint) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from catalogue_reviews where subject = 'teams' and action = 'accept' and undone_by is not null
                 and team_ids @> array[p_one, p_other])
$$;

-- Two teams of the catalogue are one: p_gone becomes part of p_keep with its matches, aliases and their evidence; its name
-- becomes a confirmed alias. Matches of theirs within three hours against the same opponent become one. A team that was
-- merged already stands for what it is part of now.
-- Answers {"review_id", "touched": [events as they were], "matches": [[kept, gone], ...], "moved": how many others changed team}.
create or replace function public.merge_teams(p_keep bigint, p_gone bigint, p_actor text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  kept teams;
  gone teams;
  refusal text;
  next_version bigint;
  twin record;
  one jsonb;
  merged jsonb := '[]';
  pairs jsonb := '[]';
  events jsonb := '[]';
  moved jsonb;
  aliases jsonb;
  own_name jsonb;
  redirected bigint[];
  made bigint;
begin
  perform fleet_lock_for_review();
  -- Whoever goes down a list of pairs meets some that an earlier merge has changed.
  p_keep := fleet_current_team(p_keep);
  p_gone := fleet_current_team(p_gone);
  refusal := fleet_why_not_one_team(p_keep, p_gone);
  if refusal is null and p_actor = 'evidence' and fleet_was_unmerged(p_keep, p_gone) then
    refusal := 'this was undone before; only a person does it again';
  end if;
  if refusal is not null then
    perform fleet_refuse(format('teams %s and %s: %s', p_keep, p_gone, refusal));
  end if;
  select * into kept from teams where team_id = p_keep;
  select * into gone from teams where team_id = p_gone;
  next_version := fleet_next_version();
  for twin in
    select distinct on (n.match_id) m.match_id as keep_id, n.match_id as gone_id,
           (m.home_team_id = p_keep) <> (n.home_team_id = p_gone) as turned
    from matches m join matches n on p_gone in (n.home_team_id, n.away_team_id)
      and n.home_team_id + n.away_team_id - p_gone = m.home_team_id + m.away_team_id - p_keep
      and n.starts_at between m.starts_at - interval '3 hours' and m.starts_at + interval '3 hours'
    where p_keep in (m.home_team_id, m.away_team_id)
    order by n.match_id, abs(extract(epoch from m.starts_at - n.starts_at)), m.match_id
  loop
    one := fleet_merge_match(twin.keep_id, twin.gone_id, twin.turned, next_version);
    merged := merged || jsonb_build_array(one);
    pairs := pairs || jsonb_build_array(jsonb_build_array(twin.keep_id, twin.gone_id));
    events := events || (one->'events');
  end loop;
  select coalesce(jsonb_agg(jsonb_build_object('match_id', match_id, 'home_team_id', home_team_id,
                                               'away_team_id', away_team_id)), '[]') into moved
  from matches where p_gone in (home_team_id, away_team_id);
  update matches
  set home_team_id = case when home_team_id = p_gone then p_keep else home_team_id end,
      away_team_id = case when away_team_id = p_gone then p_keep else away_team_id end, version = next_version
  where p_gone in (home_team_id, away_team_id);
  aliases := fleet_merge_aliases(p_keep, p_gone, next_version);
  redirected := array(select team_id from merged_teams where into_team_id = p_gone);
  update merged_teams set into_team_id = p_keep where into_team_id = p_gone;
  insert into merged_teams (team_id, into_team_id, sport, folded, category, country)
  values (p_gone, p_keep, gone.sport, gone.folded, gone.category, gone.country);
  delete from teams where team_id = p_gone;
  own_name := fleet_confirm_alias(p_keep, jsonb_build_object('alias', gone.name, 'folded', gone.folded,
                                                             'category', gone.category), next_version);
  -- A country that only one of them told is the team's, unless another team goes by that name there.
  update teams t
  set version = next_version, provisional = t.provisional and gone.provisional,
      logo_url = case when t.logo_url = '' then gone.logo_url else t.logo_url end,
      country = case when t.country <> '' or exists (
          select from teams o where (o.sport, o.folded, o.category, o.country) = (t.sport, t.folded, t.category, gone.country))
        then t.country else gone.country end
  where t.team_id = p_keep;
  perform fleet_touch_events(fleet_events_of_team(p_keep) || array(
    select (d->>'event_id')::bigint from jsonb_array_elements(events) d));
  insert into catalogue_reviews (actor, action, subject, subject_id, reason, before, after, touched, record, team_ids, match_ids)
  values (p_actor, 'accept', 'teams', p_keep, coalesce(p_reason, ''),
          jsonb_build_object('keep', to_jsonb(kept), 'gone', to_jsonb(gone)),
          (select to_jsonb(t) from teams t where t.team_id = p_keep), fleet_as_touched(events),
          jsonb_build_object('matches', merged, 'sides', moved, 'aliases', aliases, 'own_name', own_name,
                             'merged', to_jsonb(redirected)),
          array[p_keep, p_gone],
          array(select jsonb_array_elements_text(pair)::bigint from jsonb_array_elements(pairs) pair
                union select (d->>'match_id')::bigint from jsonb_array_elements(moved) d))
  returning review_id into made;
  return jsonb_build_object('review_id', made, 'touched', fleet_as_touched(events), 'matches', pairs,
                            'moved', jsonb_array_length(moved));
end
$$;

-- Takes a merge of two teams back, step by step from its end. What was linked to the kept team since is decided again,
-- and matches of it made since that nobody lists then go. Answers the events as they were (as fleet_relink).
create or replace function public.fleet_unmerge_teams(p_review catalogue_reviews, p_version bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  kept teams := jsonb_populate_record(null::teams, p_review.before->'keep');
  merged teams := jsonb_populate_record(null::teams, p_review.after);
  gone teams := jsonb_populate_record(null::teams, p_review.before->'gone');
  own bigint[] := array(select (e->>'event_id')::bigint from jsonb_array_elements(p_review.record->'matches') m,
                        jsonb_array_elements(m->'events') e);
  later jsonb;
  before jsonb;
  one jsonb;
begin
  if exists (select from teams where (sport, folded, category, country) = (gone.sport, gone.folded, gone.category, gone.country)) then
    perform fleet_refuse(format('team %s cannot come back: another team is called %s now', gone.team_id, gone.name));
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('event_id', e.event_id, 'match_id', null)), '[]') into later
  from bookmaker_events e
  where e.event_id = any(fleet_events_of_team(kept.team_id)) and e.linked_at > p_review.at
    and e.link_method is distinct from 'person' and e.event_id <> all(own);
  before := fleet_relink(later);
  update teams t
  set version = p_version,
      country = case when t.country = merged.country then kept.country else t.country end,
      logo_url = case when t.logo_url = merged.logo_url then kept.logo_url else t.logo_url end,
      provisional = case when t.provisional = merged.provisional then kept.provisional else t.provisional end
  where t.team_id = kept.team_id;
  insert into teams (team_id, sport, name, folded, country, category, provisional, created_at, version, logo_url)
  values (gone.team_id, gone.sport, gone.name, gone.folded, gone.country, gone.category, gone.provisional, gone.created_at,
          p_version, gone.logo_url);
  delete from merged_teams where team_id = gone.team_id;
  update merged_teams set into_team_id = gone.team_id
  where team_id in (select jsonb_array_elements_text(p_review.record->'merged')::bigint);
  before := before || fleet_restore_alias(p_review.record->'own_name', p_version);
  perform fleet_unmerge_aliases(p_review.record->'aliases', gone.team_id, p_review.at, p_version);
  update matches m
  set home_team_id = (d->>'home_team_id')::bigint, away_team_id = (d->>'away_team_id')::bigint, version = p_version
  from jsonb_array_elements(p_review.record->'sides') d where m.match_id = (d->>'match_id')::bigint;
  for one in select value from jsonb_array_elements(p_review.record->'matches') with ordinality order by ordinality desc loop
    before := before || fleet_unmerge_match(one, p_review.at, p_version);
  end loop;
  delete from matches m
  where kept.team_id in (m.home_team_id, m.away_team_id) and m.created_at > p_review.at
    and not exists (select from bookmaker_events e where e.match_id = m.match_id)
    and not exists (select from price_summaries s where s.match_id = m.match_id);
  perform fleet_touch_events(fleet_events_of_team(kept.team_id) || fleet_events_of_team(gone.team_id));
  return before;
end
$$;

-- Two teams or two matches that look like one are two: they are not proposed again. Answers {"review_id", "touched": []}.
create or replace function public.keep_apart(
  p_subject text, p_one bigint, p_other bigint, p_actor text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n_known integer;
  made bigint;
begin
  perform fleet_lock_for_review();
  if p_subject = 'teams' then
    select count(*) into n_known from teams where team_id in (p_one, p_other);
  elsif p_subject = 'matches' then
    select count(*) into n_known from matches where match_id in (p_one, p_other);
  else
    perform fleet_refuse(format('p_subject is %s, expected teams or matches', p_subject));
  end if;
  if n_known <> 2 then
    perform fleet_refuse(format('%s %s and %s: two different ones of the catalogue are needed', p_subject, p_one, p_other));
  end if;
  insert into catalogue_reviews (actor, action, subject, subject_id, reason, before)
  values (p_actor, 'reject', p_subject, p_one, coalesce(p_reason, ''), jsonb_build_object('other', p_other))
  returning review_id into made;
  insert into kept_apart (subject, low_id, high_id, review_id)
  values (p_subject, least(p_one, p_other), greatest(p_one, p_other), made) on conflict do nothing;
  return jsonb_build_object('review_id', made, 'touched', '[]'::jsonb);
end
$$;

-- --- editing ------------------------------------------------------------------------------------------------------

-- The fields of p_changes that differ from p_row, as they are in it. Refuses fields that are not p_allowed, values that
-- are no text, logos that are no web address, and changes that change nothing.
create or replace function public.fleet_differing(p_row jsonb, p_changes jsonb, p_allowed text[]) returns jsonb
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  differing jsonb;
begin
  if exists (select from jsonb_each(p_changes) c where c.key <> all(p_allowed) or jsonb_typeof(c.value) <> 'string') then
    perform fleet_refuse(format('expected texts for %s, not %s', array_to_string(p_allowed, ', '), p_changes));
  end if;
  -- They are shown on pages: no other kind of address.
  if coalesce(p_changes->>'logo_url', p_changes->>'logo', '') !~ '^(https?://\S+)?$' then
    perform fleet_refuse('a logo is an address that begins with https:// or http://');
  end if;
  select jsonb_object_agg(c.key, p_row->c.key) into differing
  from jsonb_each(p_changes) c where c.value is distinct from p_row->c.key;
  if differing is null then
    perform fleet_refuse('it is so already');
  end if;
  return differing;
end
$$;

-- Gives a team the fields {"name", "folded", "country", "category", "logo_url"} that are named.
create or replace function public.fleet_set_team(p_team_id bigint, p_fields jsonb, p_version bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  wanted teams;
  taken bigint;
begin
  select * into wanted from teams where team_id = p_team_id;
  wanted := jsonb_populate_record(wanted, p_fields);
  if btrim(wanted.name) = '' or wanted.folded = '' then
    perform fleet_refuse(format('team %s: a name needs a letter or a digit', p_team_id));
  end if;
  select team_id into taken from teams
  where (sport, folded, category, country) = (wanted.sport, wanted.folded, wanted.category, wanted.country)
    and team_id <> p_team_id;
  if taken is not null then
    perform fleet_refuse(format('team %s: team %s is called so already; if they are one, merge them: merge:%s+%s',
                                p_team_id, taken, taken, p_team_id));
  end if;
  update teams
  set name = wanted.name, folded = wanted.folded, country = wanted.country, category = wanted.category,
      logo_url = wanted.logo_url, version = p_version
  where team_id = p_team_id;
  perform fleet_touch_events(fleet_events_of_team(p_team_id));
end
$$;

-- Corrects a team: p_changes {"name" with "folded" as normalizer.names reads it, "country", "category", "logo_url"}, any
-- of them. Its former name stays a confirmed alias. Answers {"review_id", "before", "after", "touched": []}.
create or replace function public.edit_team(p_team_id bigint, p_changes jsonb, p_actor text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  team teams;
  former jsonb;
  next_version bigint;
  own_name jsonb;
  made bigint;
begin
  perform fleet_lock_for_review();
  select * into team from teams where team_id = p_team_id;
  if not found then
    perform fleet_refuse(format('no team %s', p_team_id));
  end if;
  if p_changes ? 'name' <> p_changes ? 'folded' then
    perform fleet_refuse('a name comes with its folded form');
  end if;
  former := fleet_differing(to_jsonb(team), p_changes, array['name', 'folded', 'country', 'category', 'logo_url']);
  next_version := fleet_next_version();
  perform fleet_set_team(p_team_id, p_changes, next_version);
  if former ? 'folded' then
    own_name := fleet_confirm_alias(p_team_id, jsonb_build_object('alias', team.name, 'folded', team.folded,
                                                                  'category', team.category), next_version);
  end if;
  insert into catalogue_reviews (actor, action, subject, subject_id, reason, before, after, record)
  values (p_actor, 'edit', 'team', p_team_id, coalesce(p_reason, ''), former, p_changes, jsonb_build_object('own_name', own_name))
  returning review_id into made;
  return jsonb_build_object('review_id', made, 'before', former, 'after', p_changes, 'touched', '[]'::jsonb);
end
$$;

-- Corrects a league: p_changes {"name", "country"}. Goes before its declaration from now on.
-- Answers {"review_id", "before", "after", "touched": []}.
create or replace function public.edit_league(p_league_key text, p_changes jsonb, p_actor text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  league leagues;
  former jsonb;
  made bigint;
begin
  perform fleet_lock_for_review();
  select * into league from leagues where league_key = p_league_key;
  if not found then
    perform fleet_refuse(format('no league %s', p_league_key));
  end if;
  former := fleet_differing(to_jsonb(league), p_changes, array['name', 'country']);
  if btrim(p_changes->>'name') = '' then
    perform fleet_refuse('a league needs a name');
  end if;
  perform fleet_set_league(league.league_id, p_changes, league.edited || p_changes);
  insert into catalogue_reviews (actor, action, subject, subject_id, reason, before, after, record)
  values (p_actor, 'edit', 'league', league.league_id, coalesce(p_reason, ''), former, p_changes,
          jsonb_build_object('edited', league.edited))
  returning review_id into made;
  return jsonb_build_object('review_id', made, 'before', former, 'after', p_changes, 'touched', '[]'::jsonb);
end
$$;

-- Gives a league these fields; p_edited: those that go before its declaration.
create or replace function public.fleet_set_league(p_league_id integer, p_fields jsonb, p_edited jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update leagues
  set name = coalesce(p_fields->>'name', name), country = coalesce(p_fields->>'country', country), edited = p_edited,
      version = fleet_next_version()
  where league_id = p_league_id;
  perform fleet_touch_events(array(select e.event_id from bookmaker_events e join matches m using (match_id)
                                   where m.league_id = p_league_id));
end
$$;

-- Gives a bookmaker another logo: p_changes {"logo"}. Everything else of it is declared in scrapers/bookmakers.json.
-- Answers {"review_id", "before", "after", "touched": []}.
create or replace function public.edit_bookmaker(p_slug text, p_changes jsonb, p_actor text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  bookmaker bookmakers;
  former jsonb;
  made bigint;
begin
  perform fleet_lock_for_review();
  select * into bookmaker from bookmakers where slug = p_slug;
  if not found then
    perform fleet_refuse(format('no bookmaker %s', p_slug));
  end if;
  former := fleet_differing(to_jsonb(bookmaker), p_changes, array['logo']);
  update bookmakers set logo = p_changes->>'logo', edited = edited || p_changes where bookmaker_id = bookmaker.bookmaker_id;
  insert into catalogue_reviews (actor, action, subject, subject_id, reason, before, after, record)
  values (p_actor, 'edit', 'bookmaker', bookmaker.bookmaker_id, coalesce(p_reason, ''), former, p_changes,
          jsonb_build_object('edited', bookmaker.edited))
  returning review_id into made;
  return jsonb_build_object('review_id', made, 'before', former, 'after', p_changes, 'touched', '[]'::jsonb);
end
$$;

-- A spelling {"alias", "folded", "category"} is this team's from now on. Answers {"review_id", "alias_id", "touched": []}.
create or replace function public.add_alias(p_team_id bigint, p_spelling jsonb, p_actor text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  alias jsonb;
  made bigint;
begin
  perform fleet_lock_for_review();
  if not exists (select from teams where team_id = p_team_id) then
    perform fleet_refuse(format('no team %s', p_team_id));
  end if;
  if coalesce(p_spelling->>'folded', '') = '' then
    perform fleet_refuse('a spelling needs a letter or a digit');
  end if;
  alias := fleet_confirm_alias(p_team_id, p_spelling, fleet_next_version());
  if alias is null or alias->>'status' = 'confirmed' then
    perform fleet_refuse(format('"%s" is a name of team %s already', p_spelling->>'alias', p_team_id));
  end if;
  insert into catalogue_reviews (actor, action, subject, subject_id, reason, before, after)
  values (p_actor, 'accept', 'alias', (alias->>'alias_id')::bigint, coalesce(p_reason, ''),
          jsonb_build_object('status', alias->'status'), jsonb_build_object('status', 'confirmed'))
  returning review_id into made;
  return jsonb_build_object('review_id', made, 'alias_id', alias->'alias_id', 'touched', '[]'::jsonb);
end
$$;

-- Takes an edit back, unless it was edited again since. The league's and bookmaker's declarations count again where
-- they did before. Answers the events that are decided again (fleet_relink).
create or replace function public.fleet_undo_edit(p_review catalogue_reviews) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  current_row jsonb := case p_review.subject
    when 'team' then (select to_jsonb(t) from teams t where t.team_id = p_review.subject_id)
    when 'league' then (select to_jsonb(l) from leagues l where l.league_id = p_review.subject_id)
    else (select to_jsonb(b) from bookmakers b where b.bookmaker_id = p_review.subject_id) end;
  next_version bigint;
begin
  if current_row is null or exists (select from jsonb_each(p_review.after) c where c.value is distinct from current_row->c.key) then
    perform fleet_refuse(format('%s %s was changed again since review %s', p_review.subject,
                                p_review.subject_id, p_review.review_id));
  end if;
  if p_review.subject = 'team' then
    next_version := fleet_next_version();
    perform fleet_set_team(p_review.subject_id, p_review.before, next_version);
    return fleet_restore_alias(p_review.record->'own_name', next_version);
  elsif p_review.subject = 'league' then
    perform fleet_set_league(p_review.subject_id::integer, p_review.before, p_review.record->'edited');
  else
    update bookmakers set logo = p_review.before->>'logo', edited = p_review.record->'edited'
    where bookmaker_id = p_review.subject_id;
  end if;
  return '[]';
end
$$;

-- --- taking back --------------------------------------------------------------------------------------------------

-- Takes a verdict, a merge or an edit back with everything it touched, as far as no later verdict stands in the way:
-- a later merge of the same teams or matches has to be undone first. Answers {"review_id", "touched": [events as they were]}.
create or replace function public.undo_review(p_review_id bigint, p_actor text, p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  undone catalogue_reviews;
  later bigint;
  former text;
  alias jsonb;
  changed jsonb := '[]';
  made bigint;
begin
  perform fleet_lock_for_review();
  select * into undone from catalogue_reviews where review_id = p_review_id;
  if not found or undone.action = 'undo' or undone.undone_by is not null then
    raise exception 'review % %', p_review_id,
      case when undone.review_id is null then 'is not known' when undone.action = 'undo' then 'is an undo itself'
           else format('was undone by %s', undone.undone_by) end
      using errcode = '22023';
  end if;
  select min(review_id) into later from catalogue_reviews r
  where r.review_id > p_review_id and r.undone_by is null
    and (r.team_ids && undone.team_ids or r.match_ids && undone.match_ids);
  if later is not null then
    perform fleet_refuse(format('review %s came later and stands in the way of %s; undo it first', later, p_review_id));
  end if;
  if undone.subject = 'alias' then
    select status into former from team_aliases where alias_id = undone.subject_id;
    if not found then
      perform fleet_refuse(format('alias %s is not there any more', undone.subject_id));
    end if;
    if undone.before->>'status' is null then
      changed := fleet_restore_alias(jsonb_build_object('alias_id', undone.subject_id, 'status', null), fleet_next_version());
    else
      changed := fleet_set_alias(undone.subject_id, undone.before->>'status');
    end if;
    changed := changed || fleet_relink(fleet_follow_merges(undone.touched));
  elsif undone.subject = 'event' then
    select coalesce(to_jsonb(not_matches)::text, '[]') into former from bookmaker_events where event_id = undone.subject_id;
    update bookmaker_events
    set not_matches = array(select distinct coalesce(g.into_match_id, m::bigint)
                            from jsonb_array_elements_text(undone.before->'not_matches') m
                            left join merged_matches g on g.match_id = m::bigint)
    where event_id = undone.subject_id;
    for alias in select jsonb_array_elements(undone.before->'aliases') loop
      changed := changed || fleet_set_alias((alias->>'alias_id')::bigint, alias->>'status');
    end loop;
    changed := changed || fleet_relink(fleet_follow_merges(undone.touched));
  elsif undone.action = 'edit' then
    changed := fleet_undo_edit(undone);
  elsif undone.action = 'reject' then
    delete from kept_apart where review_id = p_review_id;
  elsif undone.subject = 'teams' then
    changed := fleet_unmerge_teams(undone, fleet_next_version());
  else
    changed := fleet_unmerge_match(undone.record->'matches'->0, undone.at, fleet_next_version());
    perform fleet_touch_events(array(select (d->>'event_id')::bigint from jsonb_array_elements(changed) d));
  end if;
  insert into catalogue_reviews (actor, action, subject, subject_id, reason, before, touched)
  values (p_actor, 'undo', undone.subject, undone.subject_id, coalesce(p_reason, ''),
          jsonb_build_object('review_id', p_review_id, 'was', former), changed)
  returning review_id into made;
  update catalogue_reviews set undone_by = made where review_id = p_review_id;
  return jsonb_build_object('review_id', made, 'touched', changed);
end
$$;

-- --- looking ------------------------------------------------------------------------------------------------------

-- What speaks for a team's being the one to keep: a catalogue knows it, its country is known, it plays more, it is older.
create or replace function public.fleet_team_weight(p_team_id bigint) returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select array[(not t.provisional)::integer, (t.country <> '')::integer,
               (select count(*) from matches m where p_team_id in (m.home_team_id, m.away_team_id)), -t.team_id]
  from teams t where t.team_id = p_team_id
$$;

-- A team as a person needs it beside another.
create or replace function public.fleet_team_facts(p_team_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'team_id', t.team_id, 'name', t.name, 'sport', t.sport, 'country', t.country, 'category', t.category,
    'logo_url', t.logo_url, 'provisional', t.provisional, 'created_at', t.created_at,
    'matches', (select count(*) from matches m where t.team_id in (m.home_team_id, m.away_team_id)),
    'bookmakers', (select coalesce(jsonb_agg(distinct b.slug), '[]') from matches m join bookmaker_events e using (match_id)
                   join bookmakers b using (bookmaker_id) where t.team_id in (m.home_team_id, m.away_team_id)))
  from teams t where t.team_id = p_team_id
$$;

-- An event as its bookmaker lists it: {"event_id", "bookmaker", "family", "platform", "source_event_id", "sport",
-- "source_league_id", "league_key", "league_name", "home_name", "away_name", "starts_at", "event_url", "match_id", "swapped",
-- "method", "score", "prices": {"match_result": {"home", "draw", "away"}, "moneyline": {...}}}. prices: its open standard
-- ones on who wins, in its own view; as normalizer.chances takes them.
create or replace function public.fleet_event_facts(p_event_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'event_id', e.event_id, 'bookmaker', b.slug, 'family', b.family, 'platform', b.platform,
    'source_event_id', e.source_event_id, 'sport', e.sport, 'source_league_id', e.source_league_id,
    'league_key', e.league_key, 'league_name', e.league_name, 'home_name', e.home_name, 'away_name', e.away_name,
    'starts_at', e.starts_at, 'event_url', b.event_url, 'match_id', e.match_id, 'swapped', e.swapped,
    'method', e.link_method, 'score', e.link_score,
    'prices', (select coalesce(jsonb_object_agg(market, selections), '{}') from (
      select p.market, jsonb_object_agg(p.selection, p.price) as selections from prices p
      where p.event_id = e.event_id and p.market in ('match_result', 'moneyline') and p.period = 'match'
        and p.rules = 'standard' and p.side = 'back' and p.status = 'open'
      group by p.market) markets))
  from bookmaker_events e join bookmakers b using (bookmaker_id) where e.event_id = p_event_id
$$;

-- A match of the catalogue with the events that are it: {"match_id", "sport", "league_key", "league", "home", "away",
-- "home_team_id", "away_team_id", "starts_at", "prices": as match_chances tells them, "events": [as fleet_event_facts]}.
create or replace function public.fleet_match_facts(p_match_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'match_id', m.match_id, 'sport', m.sport, 'league_key', l.league_key, 'league', coalesce(l.name, ''),
    'home', home.name, 'away', away.name, 'home_team_id', home.team_id, 'away_team_id', away.team_id,
    'starts_at', m.starts_at,
    'prices', coalesce(match_chances(jsonb_build_array(m.match_id))->(m.match_id::text), '{}'),
    'events', (select coalesce(jsonb_agg(fleet_event_facts(e.event_id) order by e.bookmaker_id), '[]')
               from bookmaker_events e where e.match_id = m.match_id))
  from matches m left join leagues l using (league_id)
  join teams home on home.team_id = m.home_team_id join teams away on away.team_id = m.away_team_id
  where m.match_id = p_match_id
$$;

-- An event with why it waits and the matches it could be, both sides of each: fleet_event_facts and {"reason" and
-- "attempts" (null: it does not wait), "first_seen_at", "not_matches", "candidates": [as the matcher left them, each with
-- "match": fleet_match_facts, null where it is none of the catalogue]}. It holds everything that a diagnosis step by step
-- needs (fleet unmatched --explain); null when there is no such event.
create or replace function public.event_for_diagnosis(p_event_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select fleet_event_facts(e.event_id) || jsonb_build_object(
    'reason', u.reason, 'attempts', u.attempts, 'first_seen_at', coalesce(u.first_seen_at, e.first_seen_at),
    'not_matches', to_jsonb(e.not_matches),
    'candidates', (select coalesce(jsonb_agg(c || jsonb_build_object('match', fleet_match_facts((c->>'match_id')::bigint))
                                             order by place), '[]')
                   from jsonb_array_elements(coalesce(u.candidates, '[]')) with ordinality as each (c, place)))
  from bookmaker_events e left join unmatched_events u using (event_id) where e.event_id = p_event_id
$$;

-- Events to come that wait for an identity, each as event_for_diagnosis tells it, by event id; of one bookmaker, or (null)
-- of all. Fewer than p_limit: that was all.
create or replace function public.waiting_events(p_bookmaker text, p_after_event_id bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(event_for_diagnosis(event_id) order by event_id), '[]') from (
    select u.event_id from unmatched_events u
    join bookmaker_events e using (event_id) join bookmakers b using (bookmaker_id)
    where u.event_id > p_after_event_id and e.match_id is null and e.starts_at > now()
      and (p_bookmaker is null or b.slug = p_bookmaker)
    order by u.event_id limit p_limit) page
$$;

-- The part of the catalogue that one event can be held against: matches of its sport within a day of its kick-off, their
-- teams, those teams' aliases, and all leagues. {"version", "teams", "aliases", "leagues", "matches": rows as
-- catalogue_page answers them}; null when there is no such event.
create or replace function public.catalogue_around(p_event_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with asked as (
    select sport, starts_at from bookmaker_events where event_id = p_event_id
  ), near as (
    select m.*, l.league_key from asked a join matches m on m.sport = a.sport
      and m.starts_at between a.starts_at - interval '1 day' and a.starts_at + interval '1 day'
    left join leagues l using (league_id)
  ), playing as (
    select t.* from teams t where t.team_id in (select home_team_id from near union select away_team_id from near)
  )
  select jsonb_build_object(
    'version', (select version from catalogue_state),
    'teams', (select coalesce(jsonb_agg(jsonb_build_array(version, team_id, sport, name, folded, country, category)), '[]')
              from playing),
    'aliases', (select coalesce(jsonb_agg(jsonb_build_array(a.version, alias_id, team_id, a.folded, a.category, status)), '[]')
                from team_aliases a where a.team_id in (select team_id from playing)),
    'leagues', (select coalesce(jsonb_agg(jsonb_build_array(version, league_id, league_key, name, country, sport)), '[]')
                from leagues),
    'matches', (select coalesce(jsonb_agg(jsonb_build_array(version, match_id, sport, league_key, home_team_id, away_team_id,
                                                            extract(epoch from starts_at)::bigint)), '[]') from near))
  from asked
$$;

-- Teams whose name or a spelling holds every one of p_words (folded, as normalizer.names reads them), by team id. p_sport
-- null: of any. Rows as fleet_team_facts; fewer than p_limit: that was all.
create or replace function public.find_teams(
  p_words jsonb, p_sport text, p_after_team_id bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(fleet_team_facts(team_id) order by team_id), '[]') from (
    select t.team_id from teams t
    where t.team_id > p_after_team_id and (p_sport is null or t.sport = p_sport)
      and exists (
        select from (select t.folded union all
                     select a.folded from team_aliases a where a.team_id = t.team_id and a.status <> 'rejected') names
        where not exists (select from jsonb_array_elements_text(p_words) word where strpos(names.folded, word) = 0))
    order by t.team_id limit p_limit) page
$$;

-- A team with everything that can be edited of it: fleet_team_facts and {"folded", "aliases": [{"alias_id", "alias", "folded",
-- "category", "status", "evidence", "families", "bookmaker"}], "merged": [ids that are part of it now], "upcoming": [the next
-- twenty matches {"match_id", "home", "away", "league", "starts_at"}]}; null when there is no such team.
create or replace function public.team_details(p_team_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select fleet_team_facts(t.team_id) || jsonb_build_object(
    'folded', t.folded,
    'aliases', (select coalesce(jsonb_agg(jsonb_build_object(
        'alias_id', a.alias_id, 'alias', a.alias, 'folded', a.folded, 'category', a.category, 'status', a.status,
        'evidence', a.evidence, 'families', to_jsonb(a.families), 'bookmaker', b.slug) order by a.alias_id), '[]')
      from team_aliases a left join bookmakers b using (bookmaker_id) where a.team_id = t.team_id),
    'merged', (select coalesce(jsonb_agg(m.team_id order by m.team_id), '[]') from merged_teams m where m.into_team_id = t.team_id),
    'upcoming', (select coalesce(jsonb_agg(to_jsonb(next) order by next.starts_at), '[]') from (
      select m.match_id, home.name as home, away.name as away, coalesce(l.name, '') as league, m.starts_at
      from matches m left join leagues l using (league_id)
      join teams home on home.team_id = m.home_team_id join teams away on away.team_id = m.away_team_id
      where t.team_id in (m.home_team_id, m.away_team_id) and m.starts_at > now()
      order by m.starts_at limit 20) next))
  from teams t where t.team_id = p_team_id
$$;

-- Leagues by id: {"league_id", "league_key", "name", "country", "sport", "edited": what a person set, "matches": to come};
-- fewer than p_limit: that was all.
create or replace function public.list_leagues(p_after_league_id integer, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(page) order by page.league_id), '[]') from (
    select l.league_id, l.league_key, l.name, l.country, l.sport, l.edited,
           (select count(*) from matches m where m.league_id = l.league_id and m.starts_at > now()) as matches
    from leagues l where l.league_id > p_after_league_id order by l.league_id limit p_limit) page
$$;

-- Every bookmaker: [{"slug", "name", "platform", "family", "logo", "site", "active", "edited": what a person set}, ...].
create or replace function public.list_bookmakers() returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'slug', slug, 'name', name, 'platform', platform, 'family', family, 'logo', logo, 'site', site, 'active', active,
    'edited', edited) order by slug), '[]') from bookmakers
$$;

-- What a verdict touched: {"review": as list_reviews tells it, "events": [fleet_event_facts as they are now, with "was": the
-- match_id and swapped they had and "offered": how many prices of theirs are offered], "matches": [match ids before and now]};
-- null when there is no such verdict. An event that was put away since is left out.
create or replace function public.review_effects(p_review_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'review', list_reviews(r.review_id + 1, 1)->0,
    'events', (select coalesce(jsonb_agg(fleet_event_facts(e.event_id) || jsonb_build_object(
        'was', jsonb_build_object('match_id', d->'match_id', 'swapped', d->'swapped'),
        'offered', (select count(*) from prices p where p.event_id = e.event_id and p.status <> 'gone')) order by e.event_id), '[]')
      from jsonb_array_elements(r.touched) d join bookmaker_events e on e.event_id = (d->>'event_id')::bigint),
    'matches', (select coalesce(jsonb_agg(distinct match_id), '[]') from (
        select (d->>'match_id')::bigint as match_id from jsonb_array_elements(r.touched) d
        union select e.match_id from jsonb_array_elements(r.touched) d
          join bookmaker_events e on e.event_id = (d->>'event_id')::bigint
        union select unnest(r.match_ids)) concerned where match_id is not null))
  from catalogue_reviews r where r.review_id = p_review_id
$$;

-- The verdicts, merges and edits, newest first, in words: {"review_id", "at", "actor", "action", "subject", "subject_id",
-- "reason", "before", "after", "touched", "undone_by", "what"}.
create or replace function public.list_reviews(p_before_review_id bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(page) order by page.review_id desc), '[]'::jsonb) from (
    select r.review_id, r.at, r.actor, r.action, r.subject, r.subject_id, r.reason, r.before, r.after, r.touched, r.undone_by,
      case r.subject
        when 'alias' then
          (select format('%s = %s', a.alias, t.name) from team_aliases a join teams t using (team_id) where a.alias_id = r.subject_id)
        when 'event' then
          (select format('%s: %s x %s', b.slug, e.home_name, e.away_name) from bookmaker_events e
           join bookmakers b using (bookmaker_id) where e.event_id = r.subject_id)
        when 'teams' then format('%s + %s',
          coalesce(told.before->'keep'->>'name', (select name from teams where team_id = r.subject_id)),
          coalesce(told.before->'gone'->>'name', (select name from teams where team_id = (told.before->>'other')::bigint)))
        when 'matches' then format('#%s + #%s', r.subject_id, coalesce(told.before->'gone'->>'match_id', told.before->>'other'))
        when 'team' then (select name from teams where team_id = r.subject_id)
        when 'league' then (select league_key from leagues where league_id = r.subject_id)
        else (select slug from bookmakers where bookmaker_id = r.subject_id) end as what
    from catalogue_reviews r
    -- An undo is about what it took back.
    join catalogue_reviews told
      on told.review_id = case when r.action = 'undo' then (r.before->>'review_id')::bigint else r.review_id end
    where r.review_id < p_before_review_id
    order by r.review_id desc limit p_limit) page
$$;

-- --- finding what was created twice ---------------------------------------------------------------------------------

-- Pairs of teams that are likely one, by (keep, gone) id; the pair is named as merge_teams takes it. Two things connect
-- them: a spelling that both go by, or a match at one minute (within five) in one league against the same opponent,
-- which no team plays twice. Never a pair that merge_teams would refuse.
-- Rows {"keep": team, "gone": team, "spellings": [...], "matches": [[match of keep, match of gone], ...], "shared_words": [...],
-- "listed_together": [bookmakers that offer both matches of a pair, which speaks against it]}; fewer than p_limit: that was all.
create or replace function public.list_team_duplicates(
  p_after_keep bigint, p_after_gone bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with names as (
    select team_id, sport, folded, category from teams
    union
    select a.team_id, t.sport, a.folded, a.category from team_aliases a join teams t using (team_id) where a.status <> 'rejected'
  ), spelled as (
    select a.team_id as low, b.team_id as high, jsonb_agg(distinct a.folded) as spellings
    from names a join names b on (a.sport, a.folded, a.category) = (b.sport, b.folded, b.category) and a.team_id < b.team_id
    where length(a.folded) > 3  -- three letters are a code, and codes are shared (MAN: City and United)
    group by 1, 2
  ), sides as (
    select match_id, sport, league_id, starts_at, home_team_id as team_id, away_team_id as opponent_id from matches
    where starts_at > now() - interval '1 day'
    union all
    select match_id, sport, league_id, starts_at, away_team_id, home_team_id from matches
    where starts_at > now() - interval '1 day'
  ), met as (
    select a.team_id as low, b.team_id as high, jsonb_agg(jsonb_build_array(a.match_id, b.match_id)) as matches
    from sides a join sides b on a.opponent_id = b.opponent_id and a.team_id < b.team_id
      and a.league_id is not distinct from b.league_id
      and b.starts_at between a.starts_at - interval '5 minutes' and a.starts_at + interval '5 minutes'
    group by 1, 2
  ), pairs as (
    select case when fleet_team_weight(low) >= fleet_team_weight(high) then low else high end as keep_id,
           case when fleet_team_weight(low) >= fleet_team_weight(high) then high else low end as gone_id,
           coalesce(spellings, '[]') as spellings, coalesce(matches, '[]') as matches
    from spelled full join met using (low, high)
  ), page as (
    select * from pairs
    where (keep_id, gone_id) > (p_after_keep, p_after_gone) and fleet_why_not_one_team(keep_id, gone_id) is null
    order by keep_id, gone_id limit p_limit
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'keep', fleet_team_facts(keep_id), 'gone', fleet_team_facts(gone_id), 'spellings', spellings,
    'matches', case when fleet_team_weight(keep_id) >= fleet_team_weight(gone_id) and keep_id < gone_id then matches
               else (select coalesce(jsonb_agg(jsonb_build_array(m->1, m->0)), '[]') from jsonb_array_elements(matches) m) end,
    'shared_words', (
      select coalesce(jsonb_agg(word order by word), '[]') from (
        select unnest(string_to_array(t.folded, ' ')) as word from teams t where t.team_id = keep_id
        intersect select unnest(string_to_array(t.folded, ' ')) from teams t where t.team_id = gone_id) words),
    'listed_together', (
      select coalesce(jsonb_agg(distinct b.slug), '[]') from jsonb_array_elements(matches) m
      join bookmaker_events one on one.match_id = (m->>0)::bigint
      join bookmaker_events other on other.match_id = (m->>1)::bigint and other.bookmaker_id = one.bookmaker_id
      join bookmakers b on b.bookmaker_id = one.bookmaker_id)) order by keep_id, gone_id), '[]')
  from page
$$;

-- Pairs of teams that bookmakers of two families or more print alike, by (low, high) id, with what every bookmaker that lists
-- both prints: who decides on them is normalizer/same_club.py. Never a pair that merge_teams would refuse, whose merge was
-- undone once, or of which a spelling is rejected for one and known of the other.
-- Rows {"low", "high": ids, "keep", "gone": the same as merge_teams takes them, "one", "other": {"country", "leagues": countries of
-- the leagues it plays in} of low and high, "prints": [{"family", "one": [names], "other": [names]}, ...] of each bookmaker};
-- fewer than p_limit: that was all.
create or replace function public.list_team_witnesses(
  p_after_low bigint, p_after_high bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with printed as materialized (
    select distinct side.team_id, e.bookmaker_id, side.name
    from bookmaker_events e join matches m using (match_id),
      lateral (values (m.home_team_id, case when e.swapped then e.away_name else e.home_name end),
                      (m.away_team_id, case when e.swapped then e.home_name else e.away_name end)) side(team_id, name)
  ), pairs as (
    select a.team_id as low, b.team_id as high
    from printed a join printed b on (b.bookmaker_id, b.name) = (a.bookmaker_id, a.name) and b.team_id > a.team_id
    join bookmakers k on k.bookmaker_id = a.bookmaker_id
    join teams one on one.team_id = a.team_id
    join teams other on other.team_id = b.team_id and (other.sport, other.category) = (one.sport, one.category)
      and (other.country = one.country or '' in (other.country, one.country))
    where (a.team_id, b.team_id) > (p_after_low, p_after_high)
    group by 1, 2 having count(distinct k.family) > 1
  ), page as (
    select low, high, fleet_team_weight(low) >= fleet_team_weight(high) as low_first from pairs
    where fleet_why_not_one_team(low, high) is null and not fleet_was_unmerged(low, high)
      and not exists (
        select from team_aliases no join team_aliases yes on (yes.folded, yes.category) = (no.folded, no.category)
        where no.status = 'rejected' and yes.status <> 'rejected' and (no.team_id, yes.team_id) in ((low, high), (high, low)))
    order by low, high limit p_limit
  ), places as (
    select t.team_id, jsonb_build_object('country', t.country, 'leagues', (
      select coalesce(jsonb_agg(distinct l.country), '[]') from matches m join leagues l using (league_id)
      where t.team_id in (m.home_team_id, m.away_team_id))) as place
    from teams t where t.team_id in (select low from page union select high from page)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'low', low, 'high', high, 'keep', case when low_first then low else high end,
    'gone', case when low_first then high else low end,
    'one', (select place from places where team_id = low), 'other', (select place from places where team_id = high),
    'prints', (
      select jsonb_agg(jsonb_build_object('family', k.family, 'one', one.names, 'other', other.names) order by k.slug)
      from (select bookmaker_id, jsonb_agg(name) as names from printed where team_id = low group by 1) one
      join (select bookmaker_id, jsonb_agg(name) as names from printed where team_id = high group by 1) other using (bookmaker_id)
      join bookmakers k using (bookmaker_id))) order by low, high), '[]')
  from page
$$;

-- Pairs of matches that are likely one and are no pair of teams to merge, by (keep, gone) id. Why: 'same_teams', the same
-- two within three hours; or at one minute (within five) in one league 'one_team' of them, against two that cannot be one,
-- or 'one_event', an event that waits because it could be either.
-- Rows {"keep": match, "gone": match, "swapped", "why", "listed_together": [bookmakers]}; fewer than p_limit: that was all.
create or replace function public.list_match_duplicates(
  p_after_keep bigint, p_after_gone bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with ahead as (
    select * from matches where starts_at > now() - interval '1 day'
  ), sides as (
    select match_id, league_id, starts_at, home_team_id as team_id, away_team_id as opponent_id from ahead
    union all
    select match_id, league_id, starts_at, away_team_id, home_team_id from ahead
  ), pairs as (
    select distinct m.match_id as low, n.match_id as high,
           case when m.opponent_id = n.opponent_id then 'same_teams' else 'one_team' end as why,
           nullif(m.opponent_id, n.opponent_id) as one, nullif(n.opponent_id, m.opponent_id) as other,
           m.league_id is not distinct from n.league_id
             and n.starts_at between m.starts_at - interval '5 minutes' and m.starts_at + interval '5 minutes' as at_once
    from sides m join sides n on m.team_id = n.team_id and m.match_id < n.match_id
      and n.starts_at between m.starts_at - interval '3 hours' and m.starts_at + interval '3 hours'
    union all
    select distinct m.match_id, n.match_id, 'one_event', null::bigint, null::bigint, true
    from unmatched_events u join bookmaker_events e using (event_id),
      jsonb_array_elements(u.candidates) a, jsonb_array_elements(u.candidates) b, ahead m, ahead n
    where e.match_id is null and m.match_id = (a->>'match_id')::bigint and n.match_id = (b->>'match_id')::bigint
      and m.match_id < n.match_id and m.league_id is not distinct from n.league_id
      and n.starts_at between m.starts_at - interval '5 minutes' and m.starts_at + interval '5 minutes'
      and not array[m.home_team_id, m.away_team_id] && array[n.home_team_id, n.away_team_id]
  ), counted as (
    select p.*, (select count(*) from bookmaker_events where match_id = low) >=
                (select count(*) from bookmaker_events where match_id = high) as low_first
    from pairs p
    where (why in ('same_teams', 'one_event') or (at_once and fleet_why_not_one_team(one, other) is not null))
      and not exists (select from kept_apart k where k.subject = 'matches' and (k.low_id, k.high_id) = (low, high))
  ), page as (
    select case when low_first then low else high end as keep_id, case when low_first then high else low end as gone_id, why
    from counted
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'keep', fleet_match_facts(keep_id), 'gone', fleet_match_facts(gone_id),
    'swapped', fleet_sides_turned(keep_id, gone_id), 'why', why,
    'listed_together', (
      select coalesce(jsonb_agg(distinct b.slug), '[]') from bookmaker_events one
      join bookmaker_events other on other.match_id = gone_id and other.bookmaker_id = one.bookmaker_id
      join bookmakers b on b.bookmaker_id = one.bookmaker_id
      where one.match_id = keep_id)) order by keep_id, gone_id), '[]')
  from (select * from page where (keep_id, gone_id) > (p_after_keep, p_after_gone) order by keep_id, gone_id limit p_limit) rows
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.merge_teams(bigint, bigint, text, text)'::regprocedure,
  'public.merge_matches(bigint, bigint, boolean, text, text)'::regprocedure,
  'public.keep_apart(text, bigint, bigint, text, text)'::regprocedure,
  'public.list_team_duplicates(bigint, bigint, integer)'::regprocedure,
  'public.list_match_duplicates(bigint, bigint, integer)'::regprocedure,
  'public.list_team_witnesses(bigint, bigint, integer)'::regprocedure,
  'public.edit_team(bigint, jsonb, text, text)'::regprocedure,
  'public.edit_league(text, jsonb, text, text)'::regprocedure,
  'public.edit_bookmaker(text, jsonb, text, text)'::regprocedure,
  'public.add_alias(bigint, jsonb, text, text)'::regprocedure,
  'public.find_teams(jsonb, text, bigint, integer)'::regprocedure,
  'public.team_details(bigint)'::regprocedure,
  'public.list_leagues(integer, integer)'::regprocedure,
  'public.list_bookmakers()'::regprocedure,
  'public.waiting_events(text, bigint, integer)'::regprocedure,
  'public.event_for_diagnosis(bigint)'::regprocedure,
  'public.catalogue_around(bigint)'::regprocedure,
  'public.review_effects(bigint)'::regprocedure,
  'public.list_reviews(bigint, integer)'::regprocedure,
  'public.undo_review(bigint, text, text)'::regprocedure,
  'public.register_declarations(jsonb, jsonb)'::regprocedure
]) as f;
select public.fleet_for_roles(array['public', 'anon', 'authenticated'], format('revoke all on function %s from %%I', f))
from unnest(array[
  'public.fleet_forget_merges()'::regprocedure,
  'public.fleet_current_team(bigint)'::regprocedure,
  'public.fleet_team_of(jsonb, text, bigint)'::regprocedure,
  'public.fleet_note_spelling(jsonb, bigint, bigint, smallint, text, real, bigint)'::regprocedure,
  'public.fleet_refuse(text)'::regprocedure,
  'public.fleet_next_version()'::regprocedure,
  'public.fleet_touch_events(bigint[])'::regprocedure,
  'public.fleet_events_of_team(bigint)'::regprocedure,
  'public.fleet_confirm_alias(bigint, jsonb, bigint)'::regprocedure,
  'public.fleet_restore_alias(jsonb, bigint)'::regprocedure,
  'public.fleet_follow_merges(jsonb)'::regprocedure,
  'public.fleet_merge_match(bigint, bigint, boolean, bigint)'::regprocedure,
  'public.fleet_unmerge_match(jsonb, timestamptz, bigint)'::regprocedure,
  'public.fleet_as_touched(jsonb)'::regprocedure,
  'public.fleet_sides_turned(bigint, bigint)'::regprocedure,
  'public.fleet_merge_aliases(bigint, bigint, bigint)'::regprocedure,
  'public.fleet_unmerge_aliases(jsonb, bigint, timestamptz, bigint)'::regprocedure,
  'public.fleet_why_not_one_team(bigint, bigint)'::regprocedure,
  'public.fleet_was_unmerged(bigint, bigint)'::regprocedure,
  'public.fleet_unmerge_teams(public.catalogue_reviews, bigint)'::regprocedure,
  'public.fleet_differing(jsonb, jsonb, text[])'::regprocedure,
  'public.fleet_set_team(bigint, jsonb, bigint)'::regprocedure,
  'public.fleet_set_league(integer, jsonb, jsonb)'::regprocedure,
  'public.fleet_undo_edit(public.catalogue_reviews)'::regprocedure,
  'public.fleet_team_weight(bigint)'::regprocedure,
  'public.fleet_team_facts(bigint)'::regprocedure,
  'public.fleet_event_facts(bigint)'::regprocedure,
  'public.fleet_match_facts(bigint)'::regprocedure
]) as f;
