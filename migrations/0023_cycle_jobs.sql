-- Scrape cycles as jobs of the queue (0021): a bookmaker's next cycle is one job of kind `scrape_cycle`, due at its
-- interval. A job in queue `http` or `browser` is free to any cycle worker of that kind, on any machine; the next one
-- waits in the worker's own queue (`http@...`), because session, connection and committed state are there.
--
--   cycle_heartbeat(p_worker jsonb, p_wanted jsonb, p_dead_after_s double precision, p_late_after_s double precision)
--   hand_back_cycles(p_worker jsonb, p_bookmakers jsonb) · leave_cycles(p_worker jsonb) · withdraw_cycles(p_dead_after_s double precision)
--   hand_over_lease(p_scraper text, p_lease_token bigint)
--
-- Nobody's death has to be certain: a worker that is taken for dead and lives is refused by the lease's token (OF001)
-- and by the attempt of its job.

-- Cycle workers at work. A row goes when its worker ends or is found silent.
create table if not exists public.cycle_workers (
  queue text primary key,               -- its own queue, which nobody else takes jobs from
  kind text not null,                   -- the queue whose jobs are free to it: http, browser
  holder text not null,                 -- as the leases of its bookmakers name it
  host text not null,
  number bigint not null,               -- of the queue's workers (join_worker)
  bookmakers text[] not null,           -- all that it may collect
  last_heartbeat timestamptz not null default now(),
  alive_since timestamptz not null default now()   -- since then no heartbeat was missed
);
select public.fleet_guard_table('public.cycle_workers', array['authenticated']);

-- The bookmaker of a job.
create or replace function public.fleet_cycle_of(p_job procrastinate.procrastinate_jobs) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp as $$ select p_job.args ->> 'bookmaker' $$;

-- Takes workers off the list: what they held is free at once, and so are the leases of it. A cycle over which several
-- workers died waits longer each time, at most ten minutes, so that one bookmaker does not end worker after worker.
create or replace function public.fleet_free_cycles(p_gone public.cycle_workers[]) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  update procrastinate.procrastinate_jobs j
  set status = 'todo', queue_name = g.kind, attempts = j.attempts + 1, losses = j.losses + 1, abort_requested = false,
      worker_id = null, error = format('o worker %s morreu durante o job / its worker died: %1$s', j.worker),
      scheduled_at = case when j.losses > 0 then now() + make_interval(secs => least(600, 10 * 2.0 ^ least(j.losses, 9)))
                     else j.scheduled_at end
  from unnest(p_gone) g where j.worker_id = g.number and j.status = 'doing';
  update procrastinate.procrastinate_jobs j set queue_name = g.kind
  from unnest(p_gone) g where j.queue_name = g.queue and j.status = 'todo';
  delete from procrastinate.procrastinate_workers w using unnest(p_gone) g where w.id = g.number;
  update scraper_status s set lease_expires_at = now()
  from unnest(p_gone) g where s.lease_holder = g.holder and s.lease_expires_at > now();
  delete from cycle_workers w using unnest(p_gone) g where w.queue = g.queue;
end
$$;

-- A cycle worker's sign of life. p_worker: {"queue", "kind", "holder", "host", "number"}. Buries the workers that were
-- silent for more than p_dead_after_s, makes the jobs that are missing of p_wanted ([[bookmaker, seconds until its first
-- cycle], ...]), and takes those away that nobody wants any more. Who was silent itself for so long (the database was
-- away, the machine slept) buries nobody before it has been back for as long: the others are only just coming back too.
-- Answers {"known": false when it must join the queue again, "held": {queue of a living worker of this kind: bookmakers
-- it holds}, "mine": {bookmaker: seconds until its next cycle is due}, "running": [[job id, attempt, bookmaker]] of its
-- jobs, "jobs": bookmakers of this kind, "late": free ones that have waited for more than p_late_after_s, "buried":
-- [holder, ...]}.
create or replace function public.cycle_heartbeat(
  p_worker jsonb, p_wanted jsonb, p_dead_after_s double precision, p_late_after_s double precision) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me cycle_workers;
  gone cycle_workers[];
  known boolean;
  grace interval := make_interval(secs => p_dead_after_s);
begin
  update procrastinate.procrastinate_workers set last_heartbeat = now() where id = (p_worker ->> 'number')::bigint;
  known := found;
  insert into cycle_workers as w (queue, kind, holder, host, number, bookmakers)
  values (p_worker ->> 'queue', p_worker ->> 'kind', p_worker ->> 'holder', p_worker ->> 'host',
          (p_worker ->> 'number')::bigint, array(select row ->> 0 from jsonb_array_elements(p_wanted) row))
  on conflict (queue) do update
    set kind = excluded.kind, holder = excluded.holder, host = excluded.host, number = excluded.number,
        bookmakers = excluded.bookmakers, last_heartbeat = now(),
        alive_since = case when w.last_heartbeat < now() - grace then now() else w.alive_since end
  returning * into me;
  if me.alive_since <= now() - grace then
    select array_agg(dead) into gone
    from (select * from cycle_workers where last_heartbeat < now() - grace order by queue for update skip locked) dead;
    perform fleet_free_cycles(gone) where gone is not null;
  end if;
  -- A job that its worker made in the very moment in which it was buried, and then it died.
  update procrastinate.procrastinate_jobs j set queue_name = me.kind
  where j.task_name = 'scrape_cycle' and j.status = 'todo' and left(j.queue_name, length(me.kind) + 1) = me.kind || '@'
    and not exists (select from cycle_workers w where w.queue = j.queue_name);
  perform enqueue_jobs(missing.jobs) from (
    select jsonb_agg(jsonb_build_object('kind', 'scrape_cycle', 'queue', me.kind, 'unique_key', 'cycle:' || (row ->> 0),
      'args', jsonb_build_object('bookmaker', row ->> 0), 'delay_s', (row ->> 1)::double precision)) as jobs
    from jsonb_array_elements(p_wanted) row
    where not exists (select from procrastinate.procrastinate_jobs j
                      where j.queueing_lock = 'cycle:' || (row ->> 0) and j.status in ('todo', 'doing'))) missing
  where missing.jobs is not null;
  delete from procrastinate.procrastinate_jobs j
  where j.queue_name = me.kind and j.task_name = 'scrape_cycle' and j.status = 'todo'
    and not exists (select from cycle_workers w where w.kind = me.kind and fleet_cycle_of(j) = any(w.bookmakers));
  return (
    with jobs as materialized (
      select j.id, j.attempts, j.status, fleet_cycle_of(j) as bookmaker, coalesce(j.scheduled_at, j.created_at) as due_at,
             case j.status when 'doing' then running.queue else own.queue end as queue
      from procrastinate.procrastinate_jobs j
      left join cycle_workers running on running.number = j.worker_id
      left join cycle_workers own on own.queue = j.queue_name
      where j.status in ('todo', 'doing') and j.task_name = 'scrape_cycle'
        and (j.queue_name = me.kind or left(j.queue_name, length(me.kind) + 1) = me.kind || '@')
    )
    select jsonb_build_object(
      'known', known,
      'held', (select jsonb_object_agg(w.queue, (select count(*) from jobs where jobs.queue = w.queue))
               from cycle_workers w where w.kind = me.kind and w.last_heartbeat >= now() - grace),
      'mine', (select coalesce(jsonb_object_agg(bookmaker, extract(epoch from due_at - now())), '{}')
               from jobs where queue = me.queue),
      'running', (select coalesce(jsonb_agg(jsonb_build_array(id, attempts + 1, bookmaker)), '[]')
                  from jobs where queue = me.queue and status = 'doing'),
      'jobs', (select count(*) from jobs),
      'late', (select count(*) from jobs
               where queue is null and due_at < now() - make_interval(secs => p_late_after_s)),
      'buried', (select coalesce(jsonb_agg(holder), '[]') from unnest(gone))));
end
$$;

-- Makes waiting cycles of a worker's own queue free to all; they stay due when they were. Answers {"freed"}.
create or replace function public.hand_back_cycles(p_worker jsonb, p_bookmakers jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  n integer;
begin
  update procrastinate.procrastinate_jobs j set queue_name = p_worker ->> 'kind'
  where j.queue_name = p_worker ->> 'queue' and j.status = 'todo' and p_bookmakers ? fleet_cycle_of(j);
  get diagnostics n = row_count;
  return jsonb_build_object('freed', n);
end
$$;

-- Takes the waiting cycles of a kind away when no worker of it is left; their scrapers are stopped then, unless
-- somebody else holds the lease. Answers how many.
create or replace function public.fleet_withdraw_cycles(p_kind text) returns integer
language sql set search_path = pg_catalog, public, pg_temp as $$
  with withdrawn as (
    delete from procrastinate.procrastinate_jobs j
    where j.task_name = 'scrape_cycle' and j.queue_name = p_kind and j.status = 'todo'
      and not exists (select from cycle_workers w where w.kind = p_kind)
    returning fleet_cycle_of(j) as bookmaker
  ), stopped as (
    update scraper_status set status = 'stopped', lease_holder = null
    where scraper_name in (select bookmaker from withdrawn) and coalesce(lease_expires_at <= now(), true)
  ) select count(*)::integer from withdrawn
$$;

-- A cycle worker ends well: what it holds is free at once. Answers {"left"}: false when it was taken for dead already.
create or replace function public.leave_cycles(p_worker jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  me cycle_workers;
begin
  -- Of two that leave together the second has to see that the first is gone.
  perform pg_advisory_xact_lock(hashtext('leave_cycles:' || (p_worker ->> 'kind')));
  select * into me from cycle_workers where queue = p_worker ->> 'queue' and number = (p_worker ->> 'number')::bigint
  for update;
  if not found then
    return jsonb_build_object('left', false);
  end if;
  perform fleet_free_cycles(array[me]);
  perform fleet_withdraw_cycles(me.kind);
  return jsonb_build_object('left', true);
end
$$;

-- Forgets the cycle jobs that workers left when they were killed all together, before another mode goes on: without a
-- living worker they would wait for ever. Answers {"withdrawn"}.
create or replace function public.withdraw_cycles(p_dead_after_s double precision) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  gone cycle_workers[];
begin
  select array_agg(dead) into gone from (
    select * from cycle_workers where last_heartbeat < now() - make_interval(secs => p_dead_after_s)
    order by queue for update skip locked) dead;
  perform fleet_free_cycles(gone) where gone is not null;
  return jsonb_build_object('withdrawn', fleet_withdraw_cycles('http') + fleet_withdraw_cycles('browser'));
end
$$;

-- Of a lease's holder, host and data folder: "vm/7891221b" of "vm/7891221b/http-1".
create or replace function public.fleet_folder_of(p_holder text) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
  select split_part(p_holder, '/', 1) || '/' || split_part(p_holder, '/', 2)
$$;

-- Replaces 0006's: within a folder a file lock says that nobody else is at work, whatever the holder before called
-- itself. So a worker need not wait for the lease of a scraper's process that died, nor the other way round.
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
  if fleet_folder_of(held.lease_holder) is distinct from fleet_folder_of(p_holder) and held.lease_expires_at > now() then
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

-- Gives the lease of a bookmaker to whoever comes next. Unlike release_lease it says of nobody that they were stopped.
create or replace function public.hand_over_lease(p_scraper text, p_lease_token bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update scraper_status set lease_holder = null, lease_expires_at = null
  where scraper_name = p_scraper and lease_token = p_lease_token;
  return jsonb_build_object('handed_over', found);
end
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.cycle_heartbeat(jsonb, jsonb, double precision, double precision)'::regprocedure,
  'public.hand_back_cycles(jsonb, jsonb)'::regprocedure,
  'public.leave_cycles(jsonb)'::regprocedure,
  'public.withdraw_cycles(double precision)'::regprocedure,
  'public.hand_over_lease(text, bigint)'::regprocedure,
  'public.acquire_lease(text, text, text, text, integer, integer, integer)'::regprocedure
]) as f;
select public.fleet_for_roles(array['public', 'anon', 'authenticated'], format('revoke all on function %s from %%I', f))
from unnest(array[
  'public.fleet_folder_of(text)'::regprocedure,
  'public.fleet_cycle_of(procrastinate.procrastinate_jobs)'::regprocedure,
  'public.fleet_free_cycles(public.cycle_workers[])'::regprocedure,
  'public.fleet_withdraw_cycles(text)'::regprocedure
]) as f;
