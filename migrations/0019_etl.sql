-- Runs explained: executions (of the fixtures import, of results, of anything that begins and ends; and of the fleet's
-- processes, from start to end), their chunks, their logs and their metrics.
--
-- A process writes through one function, write_etl_batch, whose batches carry a key, so that what was written twice
-- counts once (monitoring/etl). The single-row functions are for SQL: start_etl_execution, log_etl_event,
-- record_etl_metric, add_etl_progress, finish_etl_execution; every argument that can have a default has one.
-- For looking: get_etl_execution_summary, get_etl_health_status, etl_executions_page, etl_chunks_page, etl_logs_page,
-- etl_metric_series. For keeping house: maintain_etl, close_abandoned_etl_executions.
-- Levels are DEBUG, INFO, WARNING, ERROR, CRITICAL; statuses RUNNING, COMPLETED, FAILED, CANCELLED.

create sequence if not exists public.etl_log_ids;
create sequence if not exists public.etl_metric_ids;

create table if not exists public.etl_executions (
  execution_id uuid primary key default gen_random_uuid(),
  component text not null,                       -- what ran: 'fixtures_import', 'json-generator'
  kind text not null default 'run' check (kind in ('run', 'service')), -- service: a process, which runs until stopped
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  status text not null default 'RUNNING' check (status in ('RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  total_fixtures integer not null default 0,     -- planned; 0: not known. A service counts its rounds in these four
  successful_fixtures integer not null default 0,
  failed_fixtures integer not null default 0,
  skipped_fixtures integer not null default 0,   -- nothing to do: the database held them already
  processed_fixtures integer not null generated always as (successful_fixtures + failed_fixtures + skipped_fixtures) stored,
  total_chunks integer not null default 0,
  processed_chunks integer not null default 0,
  duration_seconds double precision generated always as (extract(epoch from finished_at - started_at)) stored,
  error_message text,
  config jsonb not null default '{}',
  holder text,                                   -- 'machine:pid' of the process at work
  heartbeat_at timestamptz not null default now(),
  silent_after_s integer not null default 86400, -- without a sign of life for so long, the holder counts as dead
  abandoned boolean not null default false       -- closed for its holder, which may still contradict
);
create index if not exists etl_executions_started on public.etl_executions (started_at desc);
create index if not exists etl_executions_status on public.etl_executions (status, started_at desc);
create index if not exists etl_executions_component on public.etl_executions (component, started_at desc);

-- What an execution was cut into, as far as it got: one row for each chunk that was begun.
create table if not exists public.etl_chunks (
  execution_id uuid not null,
  chunk_id text not null,
  status text not null check (status in ('RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  started_at timestamptz not null,
  finished_at timestamptz,
  total_fixtures integer not null default 0,
  successful_fixtures integer not null default 0,
  failed_fixtures integer not null default 0,
  skipped_fixtures integer not null default 0,
  processed_fixtures integer not null generated always as (successful_fixtures + failed_fixtures + skipped_fixtures) stored,
  duration_seconds double precision generated always as (extract(epoch from finished_at - started_at)) stored,
  error_message text,
  primary key (execution_id, chunk_id)
);

-- Sequences, not identities: a partition that is filled before it is attached could not have one (Postgres 17).
create table if not exists public.etl_logs (
  log_id bigint not null default nextval('public.etl_log_ids'),
  "timestamp" timestamptz not null default now(),
  level text not null check (level in ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')),
  component text not null,
  message text not null,
  details jsonb not null default '{}',
  execution_id uuid,
  chunk_id text,
  fixture_id bigint,                             -- the provider's number
  duration_ms double precision,
  primary key (log_id, "timestamp")
) partition by range ("timestamp");
create table if not exists public.etl_logs_default partition of public.etl_logs default;
create index if not exists etl_logs_time on public.etl_logs ("timestamp");
create index if not exists etl_logs_level on public.etl_logs (level, log_id);
create index if not exists etl_logs_component on public.etl_logs (component, log_id);
create index if not exists etl_logs_execution on public.etl_logs (execution_id, log_id) where execution_id is not null;
create index if not exists etl_logs_chunk on public.etl_logs (chunk_id, log_id) where chunk_id is not null;

create table if not exists public.etl_metrics (
  metric_id bigint not null default nextval('public.etl_metric_ids'),
  "timestamp" timestamptz not null default now(),
  execution_id uuid,
  metric_name text not null,
  metric_value double precision not null,
  metric_unit text not null default '',
  tags jsonb not null default '{}',
  primary key (metric_id, "timestamp")
) partition by range ("timestamp");
create table if not exists public.etl_metrics_default partition of public.etl_metrics default;
create index if not exists etl_metrics_time on public.etl_metrics ("timestamp");
create index if not exists etl_metrics_name on public.etl_metrics (metric_name, "timestamp");
create index if not exists etl_metrics_execution on public.etl_metrics (execution_id, metric_name, "timestamp")
  where execution_id is not null;

-- Batches that were written, so that a repeat of one changes nothing.
create table if not exists public.etl_batches (
  batch_key uuid primary key,
  written_at timestamptz not null default now()
);

select public.fleet_guard_table(t, array['authenticated']) from unnest(array[
  'public.etl_executions', 'public.etl_chunks', 'public.etl_logs', 'public.etl_logs_default',
  'public.etl_metrics', 'public.etl_metrics_default']::regclass[]) as t;
select public.fleet_guard_table('public.etl_batches', array[]::text[]);
select public.fleet_ensure_partitions('etl_logs', 7);
select public.fleet_ensure_partitions('etl_metrics', 7);

-- Executions with what is reckoned from them. error_rate: failed of processed. success_rate: done (successful or
-- skipped) of what was planned once it is over, of processed until then. Both null while there is nothing to judge.
-- silent: it runs, and its holder has given no sign of life for too long.
create or replace view public.etl_executions_view with (security_invoker = true) as
select
  e.*,
  extract(epoch from coalesce(e.finished_at, now()) - e.started_at)::double precision as elapsed_seconds,
  e.failed_fixtures::double precision / nullif(e.processed_fixtures, 0) as error_rate,
  (e.successful_fixtures + e.skipped_fixtures)::double precision
    / nullif(case when e.status = 'RUNNING' then e.processed_fixtures
                  else greatest(e.total_fixtures, e.processed_fixtures) end, 0) as success_rate,
  e.processed_fixtures / nullif(extract(epoch from coalesce(e.finished_at, now()) - e.started_at), 0)::double precision
    as fixtures_per_second,
  e.status = 'RUNNING' and e.heartbeat_at < now() - make_interval(secs => e.silent_after_s) as silent
from public.etl_executions e;
select public.fleet_guard_view('public.etl_executions_view', array['authenticated']);

-- Closes executions whose holder is dead as FAILED, at their last sign of life, and their open chunks with them: those
-- that are silent, and those of p_component on p_machine that began before p_until, whose process has a successor. A
-- holder that was only cut off takes its own back with its next sign (write_etl_batch). Answers {"closed": [id]}.
create or replace function public.close_abandoned_etl_executions(
  p_component text default null, p_machine text default null, p_until timestamptz default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  ids uuid[];
begin
  with dead as (
    select execution_id from etl_executions
    where status = 'RUNNING'
      and (heartbeat_at < now() - make_interval(secs => silent_after_s)
           or component = p_component and regexp_replace(holder, ':[0-9]+$', '') = p_machine and started_at < p_until)
    for update skip locked
  ), closed as (
    update etl_executions e
    set status = 'FAILED', finished_at = greatest(e.started_at, e.heartbeat_at), abandoned = true,
        error_message = format('o processo %s morreu sem encerrar / its process died without finishing: %s',
          coalesce(e.holder, '?'), to_char(e.heartbeat_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"'))
    from dead where e.execution_id = dead.execution_id returning e.execution_id
  )
  select coalesce(array_agg(execution_id), '{}') into ids from closed;
  update etl_chunks c
  set status = 'FAILED', finished_at = greatest(c.started_at, e.finished_at), error_message = e.error_message
  from etl_executions e
  where e.execution_id = c.execution_id and c.execution_id = any(ids) and c.status = 'RUNNING';
  return jsonb_build_object('closed', to_jsonb(ids));
end
$$;

-- Opens an execution, after closing those that dead processes left open. Repeated with the same id it changes nothing.
-- p_started_at: epoch s, now by default. A service that begins ends the one before it on its machine: there is one of
-- a name, and PM2 starts the next one once the last is gone. Answers {"execution_id"}.
create or replace function public.start_etl_execution(
  p_component text default 'manual', p_config jsonb default '{}', p_total_fixtures integer default 0,
  p_total_chunks integer default 0, p_execution_id uuid default null, p_holder text default null,
  p_silent_after_s integer default 86400, p_started_at double precision default null, p_kind text default 'run')
  returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  id uuid := coalesce(p_execution_id, gen_random_uuid());
  began timestamptz := coalesce(to_timestamp(p_started_at), now());
begin
  if exists (select from etl_executions where execution_id = id) then
    return jsonb_build_object('execution_id', id);
  elsif p_kind = 'service' then
    perform close_abandoned_etl_executions(p_component, regexp_replace(p_holder, ':[0-9]+$', ''), began);
  else
    perform close_abandoned_etl_executions();
  end if;
  insert into etl_executions (
    execution_id, component, kind, started_at, total_fixtures, total_chunks, config, holder, silent_after_s)
  values (id, p_component, p_kind, began, p_total_fixtures, p_total_chunks, p_config, p_holder, p_silent_after_s)
  on conflict (execution_id) do nothing;
  return jsonb_build_object('execution_id', id);
end
$$;

-- Adds to the numbers of an execution, which is a sign of life too; not to be repeated. Answers {"added"}: false when
-- there is no such execution.
create or replace function public.add_etl_progress(
  p_execution_id uuid, p_successful integer default 0, p_failed integer default 0, p_skipped integer default 0,
  p_chunks integer default 0, p_total_fixtures integer default 0, p_total_chunks integer default 0) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update etl_executions
  set successful_fixtures = successful_fixtures + p_successful, failed_fixtures = failed_fixtures + p_failed,
      skipped_fixtures = skipped_fixtures + p_skipped, processed_chunks = processed_chunks + p_chunks,
      total_fixtures = total_fixtures + p_total_fixtures, total_chunks = total_chunks + p_total_chunks,
      heartbeat_at = now()
  where execution_id = p_execution_id;
  return jsonb_build_object('added', found);
end
$$;

-- Ends an execution; p_finished_at: epoch s, now by default. One that is over already stays as it is, unless it was
-- closed as abandoned. Chunks still open get the same status. Answers {"finished"}.
create or replace function public.finish_etl_execution(
  p_execution_id uuid, p_status text default 'COMPLETED', p_error_message text default null,
  p_finished_at double precision default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if p_status not in ('COMPLETED', 'FAILED', 'CANCELLED') then
    raise exception 'an execution ends as COMPLETED, FAILED or CANCELLED, not as %', p_status;
  end if;
  update etl_executions
  set status = p_status, error_message = p_error_message, abandoned = false, heartbeat_at = now(),
      finished_at = greatest(started_at, coalesce(to_timestamp(p_finished_at), now()))
  where execution_id = p_execution_id and (status = 'RUNNING' or abandoned);
  if not found then
    return jsonb_build_object('finished', false);
  end if;
  update etl_chunks c
  set status = p_status, error_message = coalesce(c.error_message, p_error_message),
      finished_at = greatest(c.started_at, e.finished_at)
  from etl_executions e
  where e.execution_id = p_execution_id and c.execution_id = p_execution_id and c.status = 'RUNNING';
  return jsonb_build_object('finished', true);
end
$$;

-- One log line; p_level in any case, p_timestamp epoch s, now by default. Answers {"log_id"}.
create or replace function public.log_etl_event(
  p_level text, p_component text, p_message text, p_details jsonb default '{}', p_execution_id uuid default null,
  p_chunk_id text default null, p_fixture_id bigint default null, p_duration_ms double precision default null,
  p_timestamp double precision default null) returns jsonb
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into etl_logs ("timestamp", level, component, message, details, execution_id, chunk_id, fixture_id, duration_ms)
  values (coalesce(to_timestamp(p_timestamp), now()), upper(p_level), p_component, p_message, p_details, p_execution_id,
          p_chunk_id, p_fixture_id, p_duration_ms)
  returning jsonb_build_object('log_id', log_id)
$$;

-- One value of a metric; p_timestamp epoch s, now by default. Answers {"metric_id"}.
create or replace function public.record_etl_metric(
  p_metric_name text, p_metric_value double precision, p_metric_unit text default '', p_tags jsonb default '{}',
  p_execution_id uuid default null, p_timestamp double precision default null) returns jsonb
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into etl_metrics ("timestamp", execution_id, metric_name, metric_value, metric_unit, tags)
  values (coalesce(to_timestamp(p_timestamp), now()), p_execution_id, p_metric_name, p_metric_value, p_metric_unit, p_tags)
  returning jsonb_build_object('metric_id', metric_id)
$$;

-- Many rows of everything in one transaction. Times are epoch s. p_batch:
-- alive     [execution_id]: their holder lives now, so those that were closed as abandoned are taken back
-- started   [{execution_id, component, kind ('run' by default), started_at, config, holder, silent_after_s}]
-- progress  [{execution_id, successful, failed, skipped, chunks, total_fixtures, total_chunks}], to be added
-- chunks    [{execution_id, chunk_id, status, started_at, finished_at, total_fixtures, successful, failed, skipped,
--           error_message}], as they are now; one row a chunk
-- logs      [{timestamp, level, component, message, details, execution_id, chunk_id, fixture_id, duration_ms}]
-- metrics   [{timestamp, execution_id, name, value, unit, tags}]
-- finished  [{execution_id, status, error_message, finished_at}]
-- Any of them may be missing. A batch whose key was written before changes nothing. Answers {"written"}: whether it did.
create or replace function public.write_etl_batch(p_batch_key uuid, p_batch jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into etl_batches (batch_key) values (p_batch_key) on conflict do nothing;
  if not found then
    return jsonb_build_object('written', false);
  end if;
  -- Several batches a second, none of which is worth making the work's own commits wait for the disk. If the server
  -- itself crashes, the last second of what was said may be gone, in order and whole batches only.
  perform set_config('synchronous_commit', 'off', true);
  perform start_etl_execution(
    n.component, n.config, 0, 0, n.execution_id, n.holder, n.silent_after_s, n.started_at, coalesce(n.kind, 'run'))
  from jsonb_to_recordset(p_batch->'started') as n(
    execution_id uuid, component text, kind text, started_at double precision, config jsonb, holder text,
    silent_after_s integer);
  update etl_executions e
  set heartbeat_at = now(), status = 'RUNNING', abandoned = false,
      finished_at = case when not abandoned then finished_at end,
      error_message = case when not abandoned then error_message end
  where e.execution_id in (select id::uuid from jsonb_array_elements_text(p_batch->'alive') id)
    and (e.status = 'RUNNING' or e.abandoned);
  perform add_etl_progress(n.execution_id, n.successful, n.failed, n.skipped, n.chunks, n.total_fixtures, n.total_chunks)
  from jsonb_to_recordset(p_batch->'progress') as n(
    execution_id uuid, successful integer, failed integer, skipped integer, chunks integer, total_fixtures integer,
    total_chunks integer);
  insert into etl_chunks (execution_id, chunk_id, status, started_at, finished_at, total_fixtures, successful_fixtures,
                          failed_fixtures, skipped_fixtures, error_message)
  select execution_id, chunk_id, status, to_timestamp(started_at), to_timestamp(finished_at), total_fixtures, successful,
         failed, skipped, error_message
  from jsonb_to_recordset(p_batch->'chunks') as n(
    execution_id uuid, chunk_id text, status text, started_at double precision, finished_at double precision,
    total_fixtures integer, successful integer, failed integer, skipped integer, error_message text)
  on conflict (execution_id, chunk_id) do update
    set status = excluded.status, started_at = excluded.started_at, finished_at = excluded.finished_at,
        total_fixtures = excluded.total_fixtures, successful_fixtures = excluded.successful_fixtures,
        failed_fixtures = excluded.failed_fixtures, skipped_fixtures = excluded.skipped_fixtures,
        error_message = excluded.error_message;
  insert into etl_logs ("timestamp", level, component, message, details, execution_id, chunk_id, fixture_id, duration_ms)
  select to_timestamp("timestamp"), level, component, message, coalesce(details, '{}'), execution_id, chunk_id, fixture_id,
         duration_ms
  from jsonb_to_recordset(p_batch->'logs') as n(
    "timestamp" double precision, level text, component text, message text, details jsonb, execution_id uuid,
    chunk_id text, fixture_id bigint, duration_ms double precision);
  insert into etl_metrics ("timestamp", execution_id, metric_name, metric_value, metric_unit, tags)
  select to_timestamp("timestamp"), execution_id, name, value, unit, coalesce(tags, '{}')
  from jsonb_to_recordset(p_batch->'metrics') as n(
    "timestamp" double precision, execution_id uuid, name text, value double precision, unit text, tags jsonb);
  perform finish_etl_execution(n.execution_id, n.status, n.error_message, n.finished_at)
  from jsonb_to_recordset(p_batch->'finished') as n(
    execution_id uuid, status text, error_message text, finished_at double precision);
  return jsonb_build_object('written', true);
end
$$;

-- Everything about one execution, the latest begun that is no service by default: the columns of etl_executions_view, and "logs"
-- {level: n}, "errors" [{message, n, last_at}] (most frequent first, at most 10), "chunks" {status: n}, "metrics"
-- [{name, unit, tags, n, last, min, max, avg}]. Null when there is no such execution.
create or replace function public.get_etl_execution_summary(p_execution_id uuid default null) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with run as materialized (
    select * from etl_executions_view
    where execution_id = coalesce(p_execution_id,
      (select execution_id from etl_executions where kind = 'run' order by started_at desc, execution_id limit 1))
  ), lines as materialized (
    select l.level, l.message, l."timestamp" from etl_logs l, run
    where l.execution_id = run.execution_id and l."timestamp" >= run.started_at - interval '1 hour'
  )
  select to_jsonb(run) || jsonb_build_object(
    'logs', (select coalesce(jsonb_object_agg(level, n), '{}'::jsonb)
             from (select level, count(*) as n from lines group by level) by_level),
    'errors', (select coalesce(jsonb_agg(to_jsonb(worst) order by worst.n desc, worst.message), '[]'::jsonb) from (
      select message, count(*) as n, max("timestamp") as last_at from lines where level in ('ERROR', 'CRITICAL')
      group by message order by count(*) desc, message limit 10) worst),
    'chunks', (select coalesce(jsonb_object_agg(status, n), '{}'::jsonb) from (
      select c.status, count(*) as n from etl_chunks c where c.execution_id = run.execution_id group by c.status) by_status),
    'metrics', (select coalesce(jsonb_agg(to_jsonb(m) order by m.name, m.tags), '[]'::jsonb) from (
      select metric_name as name, metric_unit as unit, tags, count(*) as n,
             (array_agg(metric_value order by metric_id desc))[1] as last,
             min(metric_value), max(metric_value), avg(metric_value)
      from etl_metrics x
      where x.execution_id = run.execution_id and x."timestamp" >= run.started_at - interval '1 hour'
      group by metric_name, metric_unit, tags) m))
  from run
$$;

-- How everything that ran in the last 90 days is doing. Answers {"status", "checked_at", "running" (services apart),
-- "silent", "errors_1h", "logs_1h", "components": [{component, kind, execution_id, last_status, last_started_at, last_error, last_success_at, running, silent,
-- consecutive_failures, runs_24h, failed_24h, run_success_rate (of the last 24 h; null without runs), and of its
-- latest execution error_rate, success_rate, elapsed_seconds, processed_fixtures, failed_fixtures}]}. A service is
-- well again once it runs again, and what crashed in a row is counted for a day. status: idle (nothing but services ran
-- so far), unhealthy (a holder is silent, the latest finished execution of a component failed, or a service failed and
-- did not start again), degraded (fixtures of a latest execution failed), else healthy.
create or replace function public.get_etl_health_status() returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recent as materialized (
    select * from etl_executions_view where started_at > now() - interval '90 days' or status = 'RUNNING'
  ), latest as (
    select distinct on (component) * from recent order by component, started_at desc, execution_id
  ), finished as (
    select distinct on (component) component, status from recent
    where status in ('COMPLETED', 'FAILED') order by component, started_at desc
  ), succeeded as (
    select component, max(started_at) as began, max(finished_at) as at from recent
    where status = 'COMPLETED' group by component
  ), counted as (
    select r.component,
           count(*) filter (where r.status = 'RUNNING') as running,
           count(*) filter (where r.silent) as silent,
           count(*) filter (
             where r.status = 'FAILED' and (s.began is null or r.started_at > s.began)
               and (r.kind = 'run' or r.finished_at > now() - interval '1 day')) as consecutive_failures,
           count(*) filter (where r.started_at > now() - interval '1 day') as runs_24h,
           count(*) filter (where r.status = 'FAILED' and r.started_at > now() - interval '1 day') as failed_24h,
           count(*) filter (where r.status = 'COMPLETED' and r.started_at > now() - interval '1 day')::double precision
             / nullif(count(*) filter (where r.status in ('COMPLETED', 'FAILED')
                                         and r.started_at > now() - interval '1 day'), 0) as run_success_rate
    from recent r left join succeeded s using (component) group by r.component
  ), judged as materialized (
    select l.component, l.kind, l.execution_id, l.status as last_status, l.started_at as last_started_at,
           l.error_message as last_error, s.at as last_success_at, f.status as last_finished,
           l.error_rate, l.success_rate, l.elapsed_seconds, l.processed_fixtures, l.failed_fixtures,
           c.running, c.silent, c.consecutive_failures, c.runs_24h, c.failed_24h, c.run_success_rate
    from latest l
    join counted c using (component)
    left join finished f using (component)
    left join succeeded s using (component)
  )
  select jsonb_build_object(
    'status', case
      when exists (select from judged
                   where silent > 0 or case kind when 'run' then last_finished else last_status end = 'FAILED')
        then 'unhealthy'
      when exists (select from judged where kind = 'run' and failed_fixtures > 0) then 'degraded'
      when not exists (select from judged where kind = 'run') then 'idle'
      else 'healthy' end,
    'checked_at', now(),
    'running', (select coalesce(sum(running), 0) from judged where kind = 'run'),
    'silent', (select coalesce(sum(silent), 0) from judged),
    'components', (select coalesce(jsonb_agg(to_jsonb(j) - 'last_finished' order by j.component), '[]'::jsonb)
                   from judged j))
    || (select jsonb_build_object('logs_1h', count(*), 'errors_1h', count(*) filter (where level in ('ERROR', 'CRITICAL')))
        from etl_logs where "timestamp" > now() - interval '1 hour')
$$;

-- Executions, latest first: rows of etl_executions_view. p_component, p_status, p_kind: null for all. The next page: p_before
-- is the started_at (ISO 8601) of the last row.
create or replace function public.etl_executions_page(
  p_component text default null, p_status text default null, p_before timestamptz default null,
  p_limit integer default 50, p_kind text default null) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(e) order by e.started_at desc, e.execution_id), '[]'::jsonb) from (
    select * from etl_executions_view
    where (p_component is null or component = p_component) and (p_status is null or status = p_status)
      and (p_before is null or started_at < p_before) and (p_kind is null or kind = p_kind)
    order by started_at desc, execution_id limit p_limit) e
$$;

-- What sorts texts as people do, '8-2025' before '10-2024': every run of digits at a length of twelve.
create or replace function public.fleet_natural_order(p_text text) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
  select regexp_replace(regexp_replace(p_text, '([0-9]+)', '00000000000\1', 'g'), '[0-9]*([0-9]{12})', '\1', 'g')
$$;

-- Chunks of one execution by their id, in natural order, after p_after_chunk_id ('' for the first page): rows of
-- etl_chunks. p_status: null for all.
create or replace function public.etl_chunks_page(
  p_execution_id uuid, p_status text default null, p_after_chunk_id text default '', p_limit integer default 1000)
  returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(c) - 'place' order by c.place, c.chunk_id collate "C"), '[]'::jsonb)
  from (
    select *, fleet_natural_order(chunk_id) collate "C" as place from etl_chunks
    where execution_id = p_execution_id and (p_status is null or status = p_status)
      and (fleet_natural_order(chunk_id) collate "C", chunk_id collate "C")
          > (fleet_natural_order(p_after_chunk_id) collate "C", p_after_chunk_id collate "C")
    order by place, chunk_id collate "C" limit p_limit) c
$$;

-- Log lines, newest first, before p_before_log_id: rows of etl_logs. p_filter: execution_id, chunk_id, fixture_id,
-- component, min_level, text (a part of the message, in any case); what is missing or null filters nothing.
create or replace function public.etl_logs_page(
  p_filter jsonb default '{}', p_before_log_id bigint default null, p_limit integer default 100) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(l) order by l.log_id desc), '[]'::jsonb) from (
    select * from etl_logs
    where (p_before_log_id is null or log_id < p_before_log_id)
      and (p_filter->>'execution_id' is null or execution_id = (p_filter->>'execution_id')::uuid)
      and (p_filter->>'chunk_id' is null or chunk_id = p_filter->>'chunk_id')
      and (p_filter->>'fixture_id' is null or fixture_id = (p_filter->>'fixture_id')::bigint)
      and (p_filter->>'component' is null or component = p_filter->>'component')
      and (p_filter->>'min_level' is null
           or array_position(array['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'], level)
              >= array_position(array['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'], upper(p_filter->>'min_level')))
      and (p_filter->>'text' is null or position(lower(p_filter->>'text') in lower(message)) > 0)
    order by log_id desc limit p_limit) l
$$;

-- The metrics of one execution as curves of at most p_parts evenly spaced points: [{name, unit, tags, begins, ends
-- (epoch s, the same for all), points: [[part (from 0), mean]]}]. p_names: null for all.
create or replace function public.etl_metric_series(
  p_execution_id uuid, p_names jsonb default null, p_parts integer default 60) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with run as (
    select execution_id, started_at, greatest(coalesce(finished_at, now()), started_at + interval '1 second') as ends
    from etl_executions where execution_id = p_execution_id
  ), parts as (
    select x.metric_name as name, x.metric_unit as unit, x.tags, run.started_at, run.ends,
           least(p_parts - 1, greatest(0, floor(p_parts * extract(epoch from x."timestamp" - run.started_at)
                                                / extract(epoch from run.ends - run.started_at))))::integer as part,
           avg(x.metric_value) as mean
    from run join etl_metrics x on x.execution_id = run.execution_id and x."timestamp" >= run.started_at - interval '1 hour'
    where p_names is null or p_names ? x.metric_name
    group by 1, 2, 3, 4, 5, 6
  )
  select coalesce(jsonb_agg(to_jsonb(s) order by s.name, s.tags), '[]'::jsonb) from (
    select name, unit, tags, fleet_epoch(started_at) as begins, fleet_epoch(ends) as ends,
           jsonb_agg(jsonb_build_array(part, mean) order by part) as points
    from parts group by name, unit, tags, started_at, ends) s
$$;

-- Makes coming partitions of logs and metrics, drops those past retention, and with them executions past theirs and
-- keys of old batches; closes what dead processes left open. Answers {"created", "dropped": [...], "default_rows",
-- "executions": how many went, "closed": [id]}.
create or replace function public.maintain_etl(
  p_days_ahead integer default 7, p_keep_logs_days integer default 14, p_keep_metrics_days integer default 30,
  p_keep_executions_days integer default 365) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  created integer;
  dropped text[];
  gone integer;
  stray bigint;
begin
  created := fleet_ensure_partitions('etl_logs', p_days_ahead) + fleet_ensure_partitions('etl_metrics', p_days_ahead);
  dropped := fleet_drop_partitions('etl_logs', p_keep_logs_days) || fleet_drop_partitions('etl_metrics', p_keep_metrics_days);
  with old as (
    delete from etl_executions
    where started_at < now() - make_interval(days => p_keep_executions_days) and status <> 'RUNNING'
    returning execution_id
  ), chunks as (
    delete from etl_chunks where execution_id in (select execution_id from old)
  )
  select count(*) into gone from old;
  delete from etl_batches where written_at < now() - interval '2 days';
  select (select count(*) from etl_logs_default) + (select count(*) from etl_metrics_default) into stray;
  return jsonb_build_object('created', created, 'dropped', to_jsonb(dropped), 'default_rows', stray, 'executions', gone)
    || close_abandoned_etl_executions();
end
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.fleet_natural_order(text)',
  'public.close_abandoned_etl_executions(text, text, timestamptz)',
  'public.start_etl_execution(text, jsonb, integer, integer, uuid, text, integer, double precision, text)',
  'public.add_etl_progress(uuid, integer, integer, integer, integer, integer, integer)',
  'public.finish_etl_execution(uuid, text, text, double precision)',
  'public.log_etl_event(text, text, text, jsonb, uuid, text, bigint, double precision, double precision)',
  'public.record_etl_metric(text, double precision, text, jsonb, uuid, double precision)',
  'public.write_etl_batch(uuid, jsonb)',
  'public.get_etl_execution_summary(uuid)',
  'public.get_etl_health_status()',
  'public.etl_executions_page(text, text, timestamptz, integer, text)',
  'public.etl_chunks_page(uuid, text, text, integer)',
  'public.etl_logs_page(jsonb, bigint, integer)',
  'public.etl_metric_series(uuid, jsonb, integer)',
  'public.maintain_etl(integer, integer, integer, integer)'
]::regprocedure[]) as f;
