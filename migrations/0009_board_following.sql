-- Following the board without reading what did not move.

-- Where every bookmaker stands, and when the parts of its offer were last seen where it committed since.
-- p_known  {"<bookmaker_id>": the commit_seq that the reader holds, ...}
-- Scopes move with commits only, so those of a bookmaker at the known commit need not travel again.
-- Answers {"now" (epoch s), "bookmakers": [{bookmaker_id, slug, name, family, event_url, commit_seq, computed_status,
--   expected_interval_s, last_success (epoch s or null), scopes: [[scope_id, last_seen_at epoch s], ...] or null (as
--   known)}], "leagues": [[key, name, country, sport], ...]}.
create or replace function public.board_heads_v2(p_known jsonb) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object(
    'now', extract(epoch from now()),
    'bookmakers', coalesce((
      select jsonb_agg(jsonb_build_object(
        'bookmaker_id', b.bookmaker_id, 'slug', b.slug, 'name', b.name, 'family', b.family,
        'event_url', b.event_url, 'commit_seq', v.commit_seq,
        'computed_status', v.computed_status, 'expected_interval_s', v.expected_interval_s,
        'last_success', extract(epoch from v.last_success),
        'scopes', case when (p_known->>(b.bookmaker_id::text))::bigint is distinct from v.commit_seq then coalesce((
          select jsonb_agg(jsonb_build_array(s.scope_id, extract(epoch from s.last_seen_at)) order by s.scope_id)
          from price_scopes s where s.bookmaker_id = b.bookmaker_id), '[]'::jsonb) end) order by b.slug)
      from scraper_status_view v join bookmakers b on b.slug = v.scraper_name), '[]'::jsonb),
    'leagues', coalesce((
      select jsonb_agg(jsonb_build_array(league_key, name, country, sport) order by league_key)
      from leagues), '[]'::jsonb))
$$;

select public.fleet_guard_function('public.board_heads_v2(jsonb)');
