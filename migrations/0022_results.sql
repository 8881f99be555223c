-- Results of finished matches as a results site tells them, and which match of the catalogue each one is.
--
--   results_due(p_source text, p_leagues jsonb, p_after_hours integer, p_days integer)
--   known_round(p_source text, p_league_key text, p_round integer) · known_results(p_source text, p_page_ids jsonb)
--   record_result(p_result jsonb) · finish_result_round(p_round jsonb) · reject_results(p_rejected jsonb, p_within text)
--   results_to_link(p_source text, p_after_page_id bigint, p_limit integer) · link_results(p_source text, p_links jsonb)
--   closing_page(p_filter jsonb, p_after_match_id bigint, p_limit integer) · results_health(p_source text)

-- One row to a match of the site, once it has a final score. Sides as the site lists them.
create table if not exists public.results (
  source text not null,                 -- 'ogol'
  page_id bigint not null,              -- the site's number of the match, in the address of its page
  league_key text not null,             -- of leagues
  edition bigint not null,              -- the site's number of the season; 0: not told
  round integer not null,
  home_name text not null,
  away_name text not null,
  played_on date not null,              -- as the page's address has it: the site's own day, or the next where it is UTC's
  starts_at timestamptz,                -- null: not told
  home_score smallint not null check (home_score between 0 and 99),   -- as shown: with extra time, without a shoot-out
  away_score smallint not null check (away_score between 0 and 99),
  home_regular smallint check (home_regular between 0 and 99),        -- after 90 minutes; null: not known
  away_regular smallint check (away_regular between 0 and 99),
  home_half smallint check (home_half between 0 and 99),              -- at half time; null: not known
  away_half smallint check (away_half between 0 and 99),
  after_extra_time boolean not null default false,
  home_penalties smallint check (home_penalties between 0 and 99),    -- of a shoot-out; null: there was none
  away_penalties smallint check (away_penalties between 0 and 99),
  goals jsonb,                          -- [{"side", "minute", "added", "kind", "scorer"}] in order; null: not known
  venue text not null default '',
  referee text not null default '',
  attendance integer check (attendance >= 0),
  state text not null check (state in ('partial', 'complete')),
  missing text not null default '',     -- what a partial one lacks: 'page', 'kickoff', 'goals', 'statistics', joined by ','
  execution_id uuid,                    -- of etl_executions: the run that wrote it last
  read_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  match_id bigint,                      -- of matches, possibly merged or put away since; null: not known which
  swapped boolean not null default false,   -- the site's home side is the match's away side
  link_method text not null default '',
  link_score real not null default 0,
  link_reason text not null default '', -- why it has no match yet, as the matcher says
  primary key (source, page_id),
  check ((home_regular is null) = (away_regular is null)),
  check ((home_half is null) = (away_half is null)),
  check ((home_penalties is null) = (away_penalties is null)),
  check (home_half <= home_regular and away_half <= away_regular),
  check (home_regular <= home_score and away_regular <= away_score)
);
create unique index if not exists results_match on public.results (match_id, source) where match_id is not null;
create index if not exists results_waiting on public.results (source, page_id) where match_id is null;
create index if not exists results_partial on public.results (source, played_on) where state = 'partial';
create index if not exists results_day on public.results (source, played_on);
create index if not exists results_round on public.results (source, league_key, edition, round);

-- Shots, corners, cards and the like, of each side.
create table if not exists public.result_statistics (
  source text not null,
  page_id bigint not null,
  name text not null,                   -- jobs/results/vocabulary.py has them
  home real not null,
  away real not null,
  primary key (source, page_id, name),
  foreign key (source, page_id) references public.results on delete cascade
);

-- What is known of a round, so that a whole one is not asked for again.
create table if not exists public.result_rounds (
  source text not null,
  league_key text not null,
  edition bigint not null,
  round integer not null,
  listed integer not null default 0,    -- matches
  finished integer not null default 0,  -- of those, with a final score
  complete boolean not null default false,  -- every match has a complete result
  first_day date,
  last_day date,
  read_at timestamptz not null default now(),
  error text not null default '',
  execution_id uuid,
  primary key (source, league_key, edition, round)
);

-- What could not be taken in, and why. It goes when a later answer holds it in order.
create table if not exists public.result_rejects (
  reference text primary key,           -- 'ogol:match:<page id>', 'ogol:<league>:<round>:row:<number>'
  reason text not null,
  detail text not null default '',
  seen_at timestamptz not null default now()
);

select public.fleet_guard_table('public.results', array['authenticated']);
select public.fleet_guard_table('public.result_statistics', array['authenticated']);
select public.fleet_guard_table('public.result_rounds', array['authenticated']);
select public.fleet_guard_table('public.result_rejects', array['authenticated']);

-- When all odds are forgotten (wipe_odds), so are results: the simulator's must not stand beside real ones.
create or replace function public.fleet_forget_results() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  truncate result_statistics, results, result_rounds, result_rejects;
  return null;
end
$$;
create or replace trigger forget_results after truncate on public.matches
  for each statement execute function public.fleet_forget_results();

-- --- what is to be done -------------------------------------------------------------------------------------------

-- Leagues (of p_leagues, keys) with matches that began more than p_after_hours and less than p_days ago and have no
-- result, or only part of one that is worth another look; the one that waits longest first.
-- Answers [{"league_key", "matches", "partial", "oldest" (date of the first of them)}].
create or replace function public.results_due(
  p_source text, p_leagues jsonb, p_after_hours integer, p_days integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with without as (
    select l.league_key, m.starts_at::date as day
    from matches m join leagues l using (league_id)
    where m.starts_at between now() - make_interval(days => p_days) and now() - make_interval(hours => p_after_hours)
      and l.league_key in (select jsonb_array_elements_text(p_leagues))
      and coalesce(m.state, '') not in ('postponed', 'cancelled', 'abandoned', 'deleted')
      and not exists (select from results r left join merged_matches g on g.match_id = r.match_id
                      where r.source = p_source and coalesce(g.into_match_id, r.match_id) = m.match_id)
  ), partly as (
    select league_key, played_on as day from results
    where source = p_source and state = 'partial' and played_on > current_date - 14   -- as known_results
      and (missing = 'page' or read_at < now() - interval '6 hours')
      and league_key in (select jsonb_array_elements_text(p_leagues))
  ), due as (
    select league_key, count(*) filter (where not partial) as matches, count(*) filter (where partial) as partial,
           min(day) as oldest
    from (select *, false as partial from without union all select *, true from partly) both_kinds
    group by league_key
  )
  select coalesce(jsonb_agg(to_jsonb(due) order by due.oldest, due.league_key), '[]') from due
$$;

-- The round of this number that was read last: {"edition", "listed", "finished", "complete", "first_day", "last_day",
-- "holds"}, or null. `holds`: complete, and younger than a season, after which the number means another round.
create or replace function public.known_round(p_source text, p_league_key text, p_round integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object('edition', edition, 'listed', listed, 'finished', finished, 'complete', complete,
                            'first_day', first_day, 'last_day', last_day,
                            'holds', complete and last_day > current_date - 120)
  from result_rounds
  where (source, league_key, round) = (p_source, p_league_key, p_round)
  order by read_at desc limit 1
$$;

-- Of these pages (ids), what is held: {"<page id>": {"state", "again"}}. `again`: a partial one that is worth another
-- look: at once when its page was not read, else every six hours until two weeks after it was played.
create or replace function public.known_results(p_source text, p_page_ids jsonb) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_object_agg(page_id, jsonb_build_object(
      'state', state, 'again', state = 'partial' and (missing = 'page' or (
        played_on > current_date - 14 and read_at < now() - interval '6 hours')))), '{}')
  from results
  where source = p_source and page_id in (select jsonb_array_elements_text(p_page_ids)::bigint)
$$;

-- --- taking in ----------------------------------------------------------------------------------------------------

-- One match, with its statistics, in one transaction. p_result has the columns of `results` as fields, and "statistics"
-- [{"name", "home", "away"}]. Repeating it changes nothing; a complete one is not made partial again, and a page that
-- failed takes nothing from what it told before.
-- Answers {"written": "new", "changed" or "same"}.
create or replace function public.record_result(p_result jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  given results := jsonb_populate_record(null::results, p_result);
  held results;
  told jsonb := coalesce(p_result->'statistics', '[]');
  same boolean;
begin
  given.venue := coalesce(given.venue, '');
  given.referee := coalesce(given.referee, '');
  given.missing := coalesce(given.missing, '');
  delete from result_rejects
  where reference = given.source || ':match:' || given.page_id and given.missing <> 'page';
  select * into held from results where (source, page_id) = (given.source, given.page_id) for update;
  if found then
    select (held.league_key, held.edition, held.round, held.home_name, held.away_name, held.played_on, held.starts_at,
            held.home_score, held.away_score, held.home_regular, held.away_regular, held.home_half, held.away_half,
            held.after_extra_time, held.home_penalties, held.away_penalties, held.goals, held.venue, held.referee,
            held.attendance, held.state, held.missing)
        is not distinct from
           (given.league_key, given.edition, given.round, given.home_name, given.away_name, given.played_on, given.starts_at,
            given.home_score, given.away_score, given.home_regular, given.away_regular, given.home_half, given.away_half,
            given.after_extra_time, given.home_penalties, given.away_penalties, given.goals, given.venue, given.referee,
            given.attendance, given.state, given.missing)
      and not exists (
        (select name, home, away from result_statistics where (source, page_id) = (given.source, given.page_id))
        except (select name, home, away from jsonb_to_recordset(told) as t (name text, home real, away real)))
      and not exists (
        (select name, home, away from jsonb_to_recordset(told) as t (name text, home real, away real))
        except (select name, home, away from result_statistics where (source, page_id) = (given.source, given.page_id)))
      or (held.state = 'complete' and given.state = 'partial')
      or (given.missing = 'page' and held.missing <> 'page'
          and (held.home_score, held.away_score) is not distinct from (given.home_score, given.away_score)) into same;
    if same then
      if held.state = 'partial' and (given.missing <> 'page' or held.missing = 'page') then
        update results set read_at = now() where (source, page_id) = (given.source, given.page_id);
      end if;
      return jsonb_build_object('written', 'same');
    end if;
    perform fleet_untell_match(held) where (held.home_score, held.away_score) <> (given.home_score, given.away_score);
  end if;
  insert into results as r (
    source, page_id, league_key, edition, round, home_name, away_name, played_on, starts_at, home_score, away_score,
    home_regular, away_regular, home_half, away_half, after_extra_time, home_penalties, away_penalties, goals, venue,
    referee, attendance, state, missing, execution_id)
  values (
    given.source, given.page_id, given.league_key, given.edition, given.round, given.home_name, given.away_name,
    given.played_on, given.starts_at, given.home_score, given.away_score, given.home_regular, given.away_regular,
    given.home_half, given.away_half, given.after_extra_time, given.home_penalties, given.away_penalties, given.goals,
    given.venue, given.referee, given.attendance, given.state, given.missing, given.execution_id)
  on conflict (source, page_id) do update set
    league_key = excluded.league_key, edition = excluded.edition, round = excluded.round,
    home_name = excluded.home_name, away_name = excluded.away_name, played_on = excluded.played_on,
    starts_at = excluded.starts_at, home_score = excluded.home_score, away_score = excluded.away_score,
    home_regular = excluded.home_regular, away_regular = excluded.away_regular, home_half = excluded.home_half,
    away_half = excluded.away_half, after_extra_time = excluded.after_extra_time,
    home_penalties = excluded.home_penalties, away_penalties = excluded.away_penalties, goals = excluded.goals,
    venue = excluded.venue, referee = excluded.referee, attendance = excluded.attendance, state = excluded.state,
    missing = excluded.missing, execution_id = excluded.execution_id, read_at = now(), changed_at = now();
  delete from result_statistics where (source, page_id) = (given.source, given.page_id);
  insert into result_statistics (source, page_id, name, home, away)
  select given.source, given.page_id, t.name, t.home, t.away
  from jsonb_to_recordset(told) as t (name text, home real, away real);
  perform fleet_tell_match(given.source, given.page_id);
  return jsonb_build_object('written', case when held.page_id is null then 'new' else 'changed' end);
end
$$;

-- The score of a result to the match that it is, unless somebody told that before.
create or replace function public.fleet_tell_match(p_source text, p_page_id bigint) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  update matches m
  set state = 'finished',
      home_score = case when r.swapped <> coalesce(g.swapped, false) then r.away_score else r.home_score end,
      away_score = case when r.swapped <> coalesce(g.swapped, false) then r.home_score else r.away_score end
  from results r left join merged_matches g on g.match_id = r.match_id
  where (r.source, r.page_id) = (p_source, p_page_id) and m.match_id = coalesce(g.into_match_id, r.match_id)
    and (m.home_score is null or coalesce(m.state, '') in ('', 'scheduled', 'live'))
$$;

-- A score that the site corrects goes from its match, where it stands by this result's word alone.
create or replace function public.fleet_untell_match(p_held public.results) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  update matches m set home_score = null, away_score = null
  from (select p_held.match_id) h left join merged_matches g using (match_id)
  where m.match_id = coalesce(g.into_match_id, h.match_id)
    and (m.home_score, m.away_score) = (
      case when p_held.swapped <> coalesce(g.swapped, false) then p_held.away_score else p_held.home_score end,
      case when p_held.swapped <> coalesce(g.swapped, false) then p_held.home_score else p_held.away_score end)
    and not exists (select from fixtures f where f.match_id in (m.match_id, h.match_id) and f.home_score is not null)
$$;

-- How reading a round ended: {"source", "league_key", "edition", "round", "listed", "finished", "complete", "first_day",
-- "last_day", "error", "execution_id"}. Answers {"written": whether anything but the time differs}.
create or replace function public.finish_result_round(p_round jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  given result_rounds := jsonb_populate_record(null::result_rounds, p_round);
  held result_rounds;
begin
  select * into held from result_rounds
  where (source, league_key, edition, round) = (given.source, given.league_key, given.edition, given.round) for update;
  -- A failure knows no edition.
  delete from result_rounds
  where (source, league_key, edition, round) = (given.source, given.league_key, 0, given.round) and given.edition <> 0;
  insert into result_rounds (source, league_key, edition, round, listed, finished, complete, first_day, last_day,
                             error, execution_id)
  values (given.source, given.league_key, given.edition, given.round, given.listed, given.finished, given.complete,
          given.first_day, given.last_day, coalesce(given.error, ''), given.execution_id)
  on conflict (source, league_key, edition, round) do update
    set listed = excluded.listed, finished = excluded.finished, complete = excluded.complete,
        first_day = excluded.first_day, last_day = excluded.last_day, error = excluded.error,
        execution_id = excluded.execution_id, read_at = now();
  return jsonb_build_object('written', (held.listed, held.finished, held.complete, held.error)
    is distinct from (given.listed, given.finished, given.complete, coalesce(given.error, '')));
end
$$;

-- Notes what could not be taken in: [{"reference", "reason", "detail"}]. What begins with p_within (null: nothing) and is
-- not among it is in order by now. Answers {"rejected": rows new or different}.
create or replace function public.reject_results(p_rejected jsonb, p_within text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer;
begin
  delete from result_rejects
  where starts_with(reference, p_within)
    and reference not in (select d->>'reference' from jsonb_array_elements(p_rejected) d);
  insert into result_rejects as r (reference, reason, detail)
  select distinct on (d.reference) d.reference, d.reason, coalesce(d.detail, '')
  from jsonb_to_recordset(p_rejected) as d (reference text, reason text, detail text)
  order by d.reference
  on conflict (reference) do update set reason = excluded.reason, detail = excluded.detail, seen_at = now()
    where (r.reason, r.detail) <> (excluded.reason, excluded.detail);
  get diagnostics n = row_count;
  return jsonb_build_object('rejected', n);
end
$$;

-- --- which match a result is --------------------------------------------------------------------------------------

-- Results without a match beside which the catalogue has one without a result, by page id after p_after_page_id, and the
-- part of the catalogue that they are to be held against: rows as catalogue_page has them, of matches also that it no
-- longer gives. Answers {"results": [{"page_id", "league_key", "home", "away", "starts_at"}], "catalogue": {"teams",
-- "aliases", "leagues", "matches"}}.
create or replace function public.results_to_link(
  p_source text, p_after_page_id bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with open_matches as materialized (
    select m.*, l.league_key from matches m join leagues l using (league_id)
    where m.sport = 'football' and m.starts_at < now()
      and not exists (select from results r left join merged_matches g on g.match_id = r.match_id
                      where r.source = p_source and coalesce(g.into_match_id, r.match_id) = m.match_id)
  ), due as materialized (
    select r.* from results r
    where r.source = p_source and r.match_id is null and r.starts_at is not null and r.page_id > p_after_page_id
      and exists (select from open_matches m where m.league_key = r.league_key
                  and m.starts_at between r.starts_at - interval '3 hours' and r.starts_at + interval '3 hours')
    order by r.page_id limit p_limit
  ), near as (
    select m.* from open_matches m
    where exists (select from due d where m.starts_at between d.starts_at - interval '6 hours' and d.starts_at + interval '6 hours')
  ), playing as (
    select t.* from teams t where t.team_id in (select home_team_id from near union select away_team_id from near)
  )
  select jsonb_build_object(
    'results', (select coalesce(jsonb_agg(jsonb_build_object(
        'page_id', page_id, 'league_key', league_key, 'home', home_name, 'away', away_name, 'starts_at', starts_at)
      order by page_id), '[]') from due),
    'catalogue', jsonb_build_object(
      'teams', (select coalesce(jsonb_agg(jsonb_build_array(version, team_id, sport, name, folded, country, category)), '[]')
                from playing),
      'aliases', (select coalesce(jsonb_agg(jsonb_build_array(a.version, alias_id, team_id, a.folded, a.category, status)), '[]')
                  from team_aliases a where a.team_id in (select team_id from playing)),
      'leagues', (select coalesce(jsonb_agg(jsonb_build_array(version, league_id, league_key, name, country, sport)), '[]')
                  from leagues),
      'matches', (select coalesce(jsonb_agg(jsonb_build_array(version, match_id, sport, league_key, home_team_id, away_team_id,
                                                              extract(epoch from starts_at)::bigint)), '[]') from near)))
$$;

-- What was decided: [{"page_id", "match_id", "swapped", "method", "score"}], or {"page_id", "reason"} where nothing was.
-- A match that another result is by now stays that one's. Answers {"linked", "taken"}.
create or replace function public.link_results(p_source text, p_links jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  one record;
  n_linked integer := 0;
  n_taken integer := 0;
begin
  for one in
    select * from jsonb_to_recordset(p_links) as d (page_id bigint, match_id bigint, swapped boolean, method text,
                                                    score real, reason text)
    order by d.page_id
  loop
    if one.match_id is null then
      update results set link_reason = one.reason
      where (source, page_id) = (p_source, one.page_id) and match_id is null and link_reason <> one.reason;
    elsif exists (select from results where source = p_source and match_id = one.match_id) then
      n_taken := n_taken + 1;
    else
      update results
      set match_id = one.match_id, swapped = one.swapped, link_method = one.method, link_score = one.score, link_reason = ''
      where (source, page_id) = (p_source, one.page_id) and match_id is null;
      if found then
        n_linked := n_linked + 1;
        perform fleet_tell_match(p_source, one.page_id);
      end if;
    end if;
  end loop;
  return jsonb_build_object('linked', n_linked, 'taken', n_taken);
end
$$;

-- --- settling -----------------------------------------------------------------------------------------------------

-- Matches with a result, in pages by match_id, each with every back price as it opened and closed (see
-- fleet_settled_prices), on offer or put away.
--   p_filter  {"league": key, "since": kick-offs from then on, "match_id"} any of them
-- Answers [{"match_id", "league_key", "league", "home", "away", "starts_at" (epoch s), "result": {"home", "away" (each
-- {"score", "regular", "half", "penalties"}), "after_extra_time", "goals"} in the match's own orientation, "state", "source",
-- "prices": [[bookmaker, family, market, period, line, selection, rules, swapped, opening, closing], ...]}, ...].
create or replace function public.closing_page(
  p_filter jsonb, p_after_match_id bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with told as materialized (
    select m.match_id, m.league_id, m.home_team_id, m.away_team_id, m.starts_at, r.source, r.state, r.after_extra_time, r.goals,
           r.swapped <> coalesce(g.swapped, false) as turned,
           jsonb_build_object('score', r.home_score, 'regular', r.home_regular, 'half', r.home_half, 'penalties', r.home_penalties) as first,
           jsonb_build_object('score', r.away_score, 'regular', r.away_regular, 'half', r.away_half, 'penalties', r.away_penalties) as second
    from results r left join merged_matches g on g.match_id = r.match_id
    join matches m on m.match_id = coalesce(g.into_match_id, r.match_id)
    left join leagues l using (league_id)
    where m.match_id > p_after_match_id
      and (p_filter->>'league' is null or l.league_key = p_filter->>'league')
      and (p_filter->>'since' is null or m.starts_at >= (p_filter->>'since')::timestamptz)
      and (p_filter->>'match_id' is null or m.match_id = (p_filter->>'match_id')::bigint)
    order by m.match_id limit p_limit
  ), held as (
    select e.match_id, p.bookmaker_id, p.market, p.period, p.line, p.selection, p.rules, e.swapped, s.opening_price, s.closing_price,
           p.selection_key
    from bookmaker_events e join prices p using (event_id)
    join fleet_settled_prices((select array_agg(p.selection_key) from bookmaker_events e join prices p using (event_id)
                               where e.match_id in (select match_id from told) and p.side = 'back')) s using (selection_key)
    where e.match_id in (select match_id from told)
    union all
    select s.match_id, s.bookmaker_id, s.market, s.period, s.line, s.selection, s.rules, s.swapped, s.opening_price, s.closing_price,
           s.selection_key
    from price_summaries s
    where s.match_id in (select match_id from told) and s.side = 'back'
      and not exists (select from prices p where p.selection_key = s.selection_key)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'match_id', t.match_id, 'league_key', l.league_key, 'league', l.name, 'home', home.name, 'away', away.name,
      'starts_at', extract(epoch from t.starts_at)::bigint, 'state', t.state, 'source', t.source,
      'result', jsonb_build_object(
        'home', case when t.turned then t.second else t.first end, 'away', case when t.turned then t.first else t.second end,
        'after_extra_time', t.after_extra_time,
        'goals', case when t.turned then (
            select jsonb_agg(goal || jsonb_build_object('side', case goal->>'side' when 'home' then 'away' else 'home' end)
                             order by place)
            from jsonb_array_elements(t.goals) with ordinality as each_goal (goal, place))
          else t.goals end),
      'prices', (
        select coalesce(jsonb_agg(jsonb_build_array(b.slug, b.family, h.market, h.period, h.line, h.selection, h.rules, h.swapped,
                                                    h.opening_price, h.closing_price) order by h.selection_key), '[]')
        from held h join bookmakers b using (bookmaker_id)
        where h.match_id = t.match_id and h.closing_price is not null))
    order by t.match_id), '[]')
  from told t
  left join leagues l using (league_id)
  join teams home on home.team_id = t.home_team_id
  join teams away on away.team_id = t.away_team_id
$$;

-- --- whether all is well ------------------------------------------------------------------------------------------

-- How results stand: {"results", "linked", "waiting" (no match known), "partial" (older than two days), "rejected",
-- "failed_rounds", "missing" (matches of leagues with results that ended more than a day and less than a week ago and have
-- none), "contradicting" (of a month, where two sources tell another score of one match: [{"match_id", "home", "away",
-- "site", "held"}], at most 20), "last_recorded_at" (null: never)}.
create or replace function public.results_health(p_source text) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with linked as (
    select r.*, m.match_id as own_id, m.home_score as held_home, m.away_score as held_away, m.home_team_id, m.away_team_id,
           r.swapped <> coalesce(g.swapped, false) as turned
    from results r left join merged_matches g on g.match_id = r.match_id
    join matches m on m.match_id = coalesce(g.into_match_id, r.match_id)
    where r.source = p_source and r.played_on > current_date - 30
  )
  select jsonb_build_object(
    'results', (select count(*) from results where source = p_source),
    'linked', (select count(*) from results where source = p_source and match_id is not null),
    'waiting', (select count(*) from results where source = p_source and match_id is null),
    'partial', (select count(*) from results where source = p_source and state = 'partial' and played_on < current_date - 2),
    'rejected', (select count(*) from result_rejects where reference like p_source || ':%'),
    'failed_rounds', (select count(*) from result_rounds where source = p_source and error <> ''),
    'missing', (
      select count(*) from matches m join leagues l using (league_id)
      where m.starts_at between now() - interval '8 days' and now() - interval '26 hours'
        and l.league_key in (select league_key from result_rounds where source = p_source)
        and coalesce(m.state, '') not in ('postponed', 'cancelled', 'abandoned', 'deleted')
        and not exists (select from linked where own_id = m.match_id)),
    'contradicting', (
      select coalesce(jsonb_agg(to_jsonb(c)), '[]') from (
        select l.own_id as match_id, home.name as home, away.name as away,
               l.home_score || '-' || l.away_score as site,
               case when l.turned then l.held_away || '-' || l.held_home else l.held_home || '-' || l.held_away end as held
        from linked l join teams home on home.team_id = l.home_team_id join teams away on away.team_id = l.away_team_id
        where l.held_home is not null
          and (l.home_score, l.away_score) <> (case when l.turned then l.held_away else l.held_home end,
                                               case when l.turned then l.held_home else l.held_away end)
        order by l.own_id limit 20) c),
    'last_recorded_at', (select max(changed_at) from results where source = p_source))
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.results_due(text, jsonb, integer, integer)'::regprocedure,
  'public.known_round(text, text, integer)'::regprocedure,
  'public.known_results(text, jsonb)'::regprocedure,
  'public.record_result(jsonb)'::regprocedure,
  'public.finish_result_round(jsonb)'::regprocedure,
  'public.reject_results(jsonb, text)'::regprocedure,
  'public.results_to_link(text, bigint, integer)'::regprocedure,
  'public.link_results(text, jsonb)'::regprocedure,
  'public.closing_page(jsonb, bigint, integer)'::regprocedure,
  'public.results_health(text)'::regprocedure
]) as f;
select public.fleet_for_roles(array['public', 'anon', 'authenticated'], format('revoke all on function %s from %%I', f))
from unnest(array[
  'public.fleet_forget_results()'::regprocedure,
  'public.fleet_tell_match(text, bigint)'::regprocedure,
  'public.fleet_untell_match(public.results)'::regprocedure
]) as f;
