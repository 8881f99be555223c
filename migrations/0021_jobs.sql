-- Jobs that survive: Procrastinate's queue in a schema of its own, and the functions through which the fleet uses it.
--
-- The tables of the queue lie in schema `procrastinate`, which PostgREST does not expose and nobody but the owner may
-- enter: what the fleet, the pages and the workers do, they do through the functions below. Their search path stands
-- in Procrastinate's functions themselves, so that a connection needs no option of its own (poolers drop those).
--
-- Our columns at the end of Procrastinate's tables: it names its own columns everywhere, so they do not disturb it.
-- An attempt is a number that one taking of a job has alone: `attempts + 1` while it runs, and `attempts` grows however
-- it ends. Who ends a job names its attempt, so one that was given to another worker cannot be ended by the first.
-- SQLSTATE OF003: that attempt is over, or was given to somebody else.

-- Procrastinate 3.10.0, procrastinate/sql/schema.sql, unchanged. MIT License.
-- Copyright (c) 2019-2021, PeopleDoc; 2021-2023, Joachim Jablon, Eric Lemoine; 2024-, Joachim Jablon, Kai Schlamp.
-- Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
-- documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
-- rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
-- persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice
-- and this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS
-- PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
-- MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT
-- HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
-- ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

create schema if not exists procrastinate;

do $install$
declare
  path text := current_setting('search_path');
begin
  if to_regclass('procrastinate.procrastinate_jobs') is not null then
    return;
  end if;
  perform set_config('search_path', 'procrastinate, pg_catalog', true);
  execute $procrastinate$
-- Procrastinate Schema

DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;
EXCEPTION
    WHEN OTHERS THEN
        -- On managed PostgreSQL services (e.g. Azure Database for PostgreSQL, Amazon RDS,
        -- Google Cloud SQL), CREATE EXTENSION may fail with various error codes:
        -- insufficient_privilege, feature_not_supported, or provider-specific errors.
        -- Before ignoring, verify the extension actually exists — if it does not exist
        -- and cannot be created, re-raise so the failure is explicit.
        IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'plpgsql') THEN
            RAISE NOTICE 'plpgsql extension already exists, skipping creation.';
        ELSE
            RAISE;
        END IF;
END;
$$;

-- Enums

CREATE TYPE procrastinate_job_status AS ENUM (
    'todo',  -- The job is queued
    'doing',  -- The job has been fetched by a worker
    'succeeded',  -- The job ended successfully
    'failed',  -- The job ended with an error
    'cancelled', -- The job was cancelled
    'aborting',  -- legacy, not used anymore since v3.0.0
    'aborted'  -- The job was aborted
);

CREATE TYPE procrastinate_job_event_type AS ENUM (
    'deferred',  -- Job created, in todo
    'started',  -- todo -> doing
    'deferred_for_retry',  -- doing -> todo
    'failed',  -- doing -> failed
    'succeeded',  -- doing -> succeeded
    'cancelled', -- todo -> cancelled
    'abort_requested', -- not a state transition, but set in a separate field
    'aborted', -- doing -> aborted (only allowed when abort_requested field is set)
    'scheduled', -- not a state transition, but recording when a task is scheduled for
    'retried' -- Manually retried failed job
);

-- Composite Types

CREATE TYPE procrastinate_job_to_defer_v1 AS (
    queue_name character varying,
    task_name character varying,
    priority integer,
    lock text,
    queueing_lock text,
    args jsonb,
    scheduled_at timestamp with time zone
);

-- Tables

CREATE TABLE procrastinate_workers(
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    last_heartbeat timestamp with time zone NOT NULL DEFAULT NOW()
);

CREATE TABLE procrastinate_jobs (
    id bigserial PRIMARY KEY,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    lock text,
    queueing_lock text,
    args jsonb DEFAULT '{}' NOT NULL,
    status procrastinate_job_status DEFAULT 'todo'::procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone NULL,
    attempts integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint REFERENCES procrastinate_workers(id) ON DELETE SET NULL,
    CONSTRAINT check_not_todo_abort_requested CHECK (NOT (status = 'todo' AND abort_requested = true))
);

CREATE TABLE procrastinate_periodic_defers (
    id bigserial PRIMARY KEY,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint REFERENCES procrastinate_jobs(id) NULL,
    periodic_id character varying(128) NOT NULL DEFAULT '',
    CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp)
);

CREATE TABLE procrastinate_events (
    id bigserial PRIMARY KEY,
    job_id bigint NOT NULL REFERENCES procrastinate_jobs ON DELETE CASCADE,
    type procrastinate_job_event_type,
    at timestamp with time zone DEFAULT NOW() NULL
);

-- Constraints & Indices

-- this prevents from having several jobs with the same queueing lock in the "todo" state
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON procrastinate_jobs (queueing_lock) WHERE status = 'todo';
-- this prevents from having several jobs with the same lock in the "doing" state
CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON procrastinate_jobs (lock) WHERE status = 'doing';

-- Index for select_stalled_jobs_by_heartbeat query
CREATE INDEX idx_procrastinate_jobs_worker_not_null ON procrastinate_jobs(worker_id) WHERE worker_id IS NOT NULL AND status = 'doing'::procrastinate_job_status;

CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON procrastinate_jobs(queue_name);
CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON procrastinate_jobs (id, lock) WHERE status = ANY (ARRAY['todo'::procrastinate_job_status, 'doing'::procrastinate_job_status]);
CREATE INDEX procrastinate_jobs_priority_idx_v1 ON procrastinate_jobs(priority desc, id asc) WHERE (status = 'todo'::procrastinate_job_status);

CREATE INDEX procrastinate_events_job_id_fkey_v1 ON procrastinate_events(job_id);

CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON procrastinate_periodic_defers(job_id);

CREATE INDEX idx_procrastinate_workers_last_heartbeat ON procrastinate_workers(last_heartbeat);

-- Functions
CREATE FUNCTION procrastinate_defer_jobs_v1(
    jobs procrastinate_job_to_defer_v1[]
)
    RETURNS bigint[]
    LANGUAGE plpgsql
AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;

    RETURN job_ids;
END;
$$;

CREATE FUNCTION procrastinate_defer_periodic_job_v2(
    _queue_name character varying,
    _lock character varying,
    _queueing_lock character varying,
    _task_name character varying,
    _priority integer,
    _periodic_id character varying,
    _defer_timestamp bigint,
    _args jsonb
)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$;

CREATE FUNCTION procrastinate_fetch_job_v2(
    target_queue_names character varying[],
    p_worker_id bigint
)
    RETURNS procrastinate_jobs
    LANGUAGE plpgsql
AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

 RETURN found_jobs;
END;
$$;

CREATE FUNCTION procrastinate_finish_job_v1(job_id bigint, end_status procrastinate_job_status, delete_job boolean)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;

CREATE FUNCTION procrastinate_retry_job_v1(
    job_id bigint,
    retry_at timestamp with time zone,
    new_priority integer,
    new_queue_name character varying,
    new_lock character varying
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION procrastinate_retry_job_v2(
    job_id bigint,
    retry_at timestamp with time zone,
    new_priority integer,
    new_queue_name character varying,
    new_lock character varying
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;

END;
$$;

CREATE FUNCTION procrastinate_notify_queue_job_inserted_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_notify_queue_abort_job_v1()
RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_function_status_events_insert_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_function_status_events_update_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_function_scheduled_events_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);

	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_abort_requested_events_procedure_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_unlink_periodic_defers_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;

CREATE FUNCTION procrastinate_register_worker_v1()
    RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;

CREATE FUNCTION procrastinate_unregister_worker_v1(worker_id bigint)
    RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION procrastinate_update_heartbeat_v1(worker_id bigint)
    RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat float)
    RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;

-- Triggers

CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_notify_queue_job_inserted_v1();

CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1
    AFTER UPDATE OF abort_requested ON procrastinate_jobs
    FOR EACH ROW WHEN ((old.abort_requested = false AND new.abort_requested = true AND new.status = 'doing'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_notify_queue_abort_job_v1();

CREATE TRIGGER procrastinate_trigger_status_events_update_v1
    AFTER UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW
    EXECUTE PROCEDURE procrastinate_trigger_function_status_events_update_v1();

CREATE TRIGGER procrastinate_trigger_status_events_insert_v1
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_trigger_function_status_events_insert_v1();

CREATE TRIGGER procrastinate_trigger_scheduled_events_v1
    AFTER UPDATE OR INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.scheduled_at IS NOT NULL AND new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_trigger_function_scheduled_events_v1();

CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1
    AFTER UPDATE OF abort_requested ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.abort_requested = true))
    EXECUTE PROCEDURE procrastinate_trigger_abort_requested_events_procedure_v1();

CREATE TRIGGER procrastinate_trigger_delete_jobs_v1
    BEFORE DELETE ON procrastinate_jobs
    FOR EACH ROW EXECUTE PROCEDURE procrastinate_unlink_periodic_defers_v1();
$procrastinate$;
  perform set_config('search_path', path, true);
end
$install$;

do $paths$
declare
  function regprocedure;
begin
  for function in select oid from pg_proc where pronamespace = 'procrastinate'::regnamespace loop
    execute format('alter function %s set search_path = procrastinate, pg_catalog, pg_temp', function);
  end loop;
end
$paths$;

alter table procrastinate.procrastinate_workers
  add column if not exists name text,                       -- what it is called: 'worker', 'worker-http'
  add column if not exists host text,
  add column if not exists pid integer,
  add column if not exists seat text,                       -- of its lock on its machine: one process at a time holds it
  add column if not exists queues text[] not null default '{}',
  add column if not exists concurrency integer not null default 1,
  add column if not exists started_at timestamptz not null default now();

alter table procrastinate.procrastinate_jobs
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists started_at timestamptz,          -- of the attempt at work, or the last one
  add column if not exists finished_at timestamptz,         -- null until it is done, dead or cancelled
  add column if not exists failures integer not null default 0,  -- attempts that ended with an error
  add column if not exists losses integer not null default 0,    -- attempts whose worker died
  add column if not exists worker text,                     -- 'host:name' of the last one that took it
  add column if not exists error text,                      -- of the last attempt that failed
  add column if not exists result jsonb;                    -- what the handler answered

-- A unique key stands for one unfinished job; Procrastinate's own index lets a second one wait while the first runs.
create unique index if not exists procrastinate_jobs_unfinished_key on procrastinate.procrastinate_jobs (queueing_lock)
  where status in ('todo', 'doing');
create index if not exists procrastinate_jobs_lock on procrastinate.procrastinate_jobs (lock)
  where lock is not null and status in ('todo', 'doing');
create index if not exists procrastinate_jobs_unfinished on procrastinate.procrastinate_jobs (queue_name, scheduled_at)
  where status = 'todo';
-- For the deletion of a worker, which looks for what refers to it.
create index if not exists procrastinate_jobs_worker on procrastinate.procrastinate_jobs (worker_id)
  where worker_id is not null;
create index if not exists procrastinate_jobs_finished on procrastinate.procrastinate_jobs (finished_at)
  where finished_at is not null;

-- Procrastinate tells the workers of new jobs; these come back: given back, repeated at once, requeued.
drop trigger if exists procrastinate_jobs_notify_job_is_back on procrastinate.procrastinate_jobs;
create trigger procrastinate_jobs_notify_job_is_back after update of status on procrastinate.procrastinate_jobs
  for each row when (new.status = 'todo' and new.scheduled_at is null)
  execute function procrastinate.procrastinate_notify_queue_job_inserted_v1();

select public.fleet_for_roles(array['public', 'anon', 'authenticated'], 'revoke all on schema procrastinate from %I');
select public.fleet_for_roles(array['public', 'anon', 'authenticated'],
  format('revoke all on function %s from %%I', oid::regprocedure))
from pg_proc where pronamespace = 'procrastinate'::regnamespace;
do $guard$
declare
  t regclass;
begin
  for t in select oid from pg_class where relnamespace = 'procrastinate'::regnamespace and relkind = 'r' loop
    execute format('alter table %s enable row level security', t);
  end loop;
end
$guard$;

-- What workers can do, as they last announced it, and when it is to be done by itself.
create table if not exists public.job_kinds (
  kind text primary key,
  queue text not null,
  priority integer not null default 0,           -- higher goes first
  cron text,                                     -- five fields, UTC; null: never by itself
  args jsonb not null default '{}',              -- of the jobs that the schedule makes
  next_at timestamptz,                           -- null until a worker has reckoned it
  last_at timestamptz,                           -- when the schedule last made a job
  last_job_id bigint,
  announced_at timestamptz not null default now()
);

-- Jobs that failed for good: what they were, and why. The job itself stays, so its id goes on telling.
create table if not exists public.dead_letters (
  job_id bigint primary key references procrastinate.procrastinate_jobs on delete cascade,
  kind text not null,
  queue text not null,
  args jsonb not null,
  attempts integer not null,
  reason text not null,
  traceback text,                                -- null when no code of ours failed: its worker died
  fingerprint text not null,                     -- of the cause: equal for failures that differ in numbers and ids only
  worker text,
  died_at timestamptz not null default now()
);
create index if not exists dead_letters_cause on public.dead_letters (fingerprint, job_id);

select public.fleet_guard_table(t, array['authenticated'])
from unnest(array['public.job_kinds', 'public.dead_letters']::regclass[]) as t;

-- Procrastinate's word for a state, and ours.
create or replace function public.fleet_job_status(p_status text) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
  select case when p_status = 'todo' then 'waiting' when p_status = 'doing' then 'running'
              when p_status = 'succeeded' then 'done' when p_status = 'failed' then 'dead'
              when p_status is not null then 'cancelled' end
$$;

create or replace function public.fleet_job_json(p_job procrastinate.procrastinate_jobs) returns jsonb
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object('id', p_job.id, 'kind', p_job.task_name, 'queue', p_job.queue_name, 'args', p_job.args,
    'status', fleet_job_status(p_job.status::text), 'priority', p_job.priority, 'attempts', p_job.attempts,
    'failures', p_job.failures, 'losses', p_job.losses, 'unique_key', p_job.queueing_lock, 'lock', p_job.lock,
    'created_at', extract(epoch from p_job.created_at), 'run_at', extract(epoch from p_job.scheduled_at),
    'started_at', extract(epoch from p_job.started_at), 'finished_at', extract(epoch from p_job.finished_at),
    'stopping', p_job.abort_requested, 'worker', p_job.worker, 'error', p_job.error, 'result', p_job.result)
$$;

-- Puts jobs into the queue, in the transaction that causes them when another function calls it. p_jobs:
-- [{"kind", "queue", "args", "priority", "unique_key", "lock", "run_at" (epoch s), "delay_s"}]; all but `kind` may be
-- missing: queue and priority are then the kind's own (job_kinds), else 'default' and 0. unique_key: while an
-- unfinished job has it, no second one is made. lock: of the jobs with one lock only one runs at a time.
-- Answers [{"id", "existing"}] in the order asked; existing: an unfinished job with that key stands already, and the id
-- is its.
create or replace function public.enqueue_jobs(p_jobs jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  given jsonb;
  answer jsonb;
begin
  if exists (select from jsonb_array_elements(p_jobs) j where coalesce(j ->> 'kind', '') = '') then
    raise exception 'every job needs a kind';
  end if;
  if exists (select from jsonb_array_elements(p_jobs) j where jsonb_typeof(coalesce(j -> 'args', '{}')) <> 'object') then
    raise exception 'the args of a job are an object';
  end if;
  select jsonb_agg(j || jsonb_build_object('id', nextval('procrastinate.procrastinate_jobs_id_seq')) order by n) into given
  from jsonb_array_elements(p_jobs) with ordinality as g(j, n);
  loop
    insert into procrastinate.procrastinate_jobs (id, queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
    select (j ->> 'id')::bigint, coalesce(j ->> 'queue', k.queue, 'default'), j ->> 'kind',
           coalesce((j ->> 'priority')::integer, k.priority, 0), j ->> 'lock', j ->> 'unique_key',
           coalesce(j -> 'args', '{}'),
           coalesce(to_timestamp((j ->> 'run_at')::double precision),
                    now() + make_interval(secs => (j ->> 'delay_s')::double precision))
    from jsonb_array_elements(given) with ordinality as g(j, n)
    left join job_kinds k on k.kind = j ->> 'kind'
    order by n
    on conflict do nothing;
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', coalesce(own.id, standing.id), 'existing', own.id is null) order by n), '[]') into answer
    from jsonb_array_elements(given) with ordinality as g(j, n)
    left join procrastinate.procrastinate_jobs own on own.id = (j ->> 'id')::bigint
    left join procrastinate.procrastinate_jobs standing
      on own.id is null and standing.queueing_lock = j ->> 'unique_key' and standing.status in ('todo', 'doing');
    -- One that stood in the way may have ended between the two statements.
    exit when not jsonb_path_exists(answer, '$[*].id ? (@ == null)');
  end loop;
  return answer;
end
$$;

-- One job as it is now; null when there is none (any more). Times are epoch s. Answers {"id", "kind", "queue", "args",
-- "status": waiting, running, done, dead or cancelled, "priority", "attempts" (ended ones), "failures", "losses",
-- "unique_key", "lock", "created_at", "run_at" (null: at once), "started_at", "finished_at", "stopping", "worker",
-- "error", "result"}.
create or replace function public.job_state(p_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select fleet_job_json(j) from procrastinate.procrastinate_jobs j where j.id = p_id
$$;

-- A waiting job is cancelled at once; a running one is asked to stop, which its worker hears within seconds.
-- Answers {"cancelled": whether it is or will be, "status"}; status null: there is no such job.
create or replace function public.cancel_job(p_id bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  before procrastinate.procrastinate_job_status;
begin
  select status into before from procrastinate.procrastinate_jobs where id = p_id for update;
  if before = 'todo' then
    update procrastinate.procrastinate_jobs set status = 'cancelled', finished_at = now() where id = p_id;
    return jsonb_build_object('cancelled', true, 'status', 'cancelled');
  elsif before = 'doing' then
    update procrastinate.procrastinate_jobs set abort_requested = true where id = p_id;
    return jsonb_build_object('cancelled', true, 'status', 'running');
  end if;
  return jsonb_build_object('cancelled', false, 'status', fleet_job_status(before::text));
end
$$;

-- Writes down why a job failed for good; in the transaction in which it does.
create or replace function public.fleet_bury_job(
  p_id bigint, p_reason text, p_traceback text, p_fingerprint text) returns void
language sql set search_path = pg_catalog, public, pg_temp as $$
  insert into dead_letters (job_id, kind, queue, args, attempts, reason, traceback, fingerprint, worker)
  select id, task_name, queue_name, args, attempts, p_reason, p_traceback, p_fingerprint, worker
  from procrastinate.procrastinate_jobs where id = p_id
  on conflict (job_id) do update
    set attempts = excluded.attempts, reason = excluded.reason, traceback = excluded.traceback,
        fingerprint = excluded.fingerprint, worker = excluded.worker, died_at = now()
$$;

-- Takes jobs from workers that are gone, and from none: at once again the first time, later and later after that, and
-- dead when p_max_losses workers died over it. One that was asked to stop has stopped. The workers are forgotten.
-- What a transaction holds (hold_job) is left, with its worker, to the next call.
create or replace function public.fleet_lose_jobs(p_workers bigint[], p_max_losses integer) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  lost record;
begin
  for lost in
    select id, task_name, losses + 1 as losses, abort_requested from procrastinate.procrastinate_jobs
    where status = 'doing' and (worker_id = any(p_workers) or worker_id is null)
    order by id for update skip locked
  loop
    update procrastinate.procrastinate_jobs j
    set status = case when lost.abort_requested then 'aborted' when lost.losses >= p_max_losses then 'failed' else 'todo'
                 end::procrastinate.procrastinate_job_status,
        attempts = attempts + 1, losses = lost.losses, abort_requested = false, worker_id = null,
        scheduled_at = case when lost.losses > 1 then now() + make_interval(secs => 2 ^ lost.losses) end,
        finished_at = case when lost.abort_requested or lost.losses >= p_max_losses then now() end,
        error = format('o worker %s morreu durante o job / its worker died: %1$s', worker)
    where j.id = lost.id;
    if lost.losses >= p_max_losses and not lost.abort_requested then
      perform fleet_bury_job(lost.id,
        format('%s workers morreram durante este job / %1$s workers died over this job', lost.losses), null,
        left(encode(sha256(convert_to('worker died ' || lost.task_name, 'utf8')), 'hex'), 12));
    end if;
  end loop;
  delete from procrastinate.procrastinate_workers w
  where w.id = any(p_workers) and not exists (select from procrastinate.procrastinate_jobs j where j.worker_id = w.id);
end
$$;

-- A worker begins. p_worker: {"name", "host", "pid", "seat", "queues", "concurrency"}; p_kinds, what it can do:
-- [{"kind", "queue", "priority", "cron", "args"}]. A worker that had the same seat is dead (the seat is a lock on its
-- machine), so its jobs are given back at once. Answers {"worker": its number from now on}.
create or replace function public.join_worker(p_worker jsonb, p_kinds jsonb, p_max_losses integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  number bigint;
begin
  perform fleet_lose_jobs(
    array(select id from procrastinate.procrastinate_workers where seat = p_worker ->> 'seat' order by id for update), p_max_losses);
  insert into procrastinate.procrastinate_workers (name, host, pid, seat, queues, concurrency)
  values (p_worker ->> 'name', p_worker ->> 'host', (p_worker ->> 'pid')::integer, p_worker ->> 'seat',
          array(select jsonb_array_elements_text(p_worker -> 'queues')), (p_worker ->> 'concurrency')::integer)
  returning id into number;
  insert into job_kinds as k (kind, queue, priority, cron, args)
  select j ->> 'kind', j ->> 'queue', coalesce((j ->> 'priority')::integer, 0), j ->> 'cron', coalesce(j -> 'args', '{}')
  from jsonb_array_elements(p_kinds) j order by 1
  on conflict (kind) do update
    set queue = excluded.queue, priority = excluded.priority, cron = excluded.cron, args = excluded.args,
        next_at = case when k.cron is not distinct from excluded.cron then k.next_at end, announced_at = now();
  return jsonb_build_object('worker', number);
end
$$;

-- A worker ends; it has given back what it held. Answers {"left"}: false when it was thought dead already.
create or replace function public.leave_worker(p_worker bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from procrastinate.procrastinate_workers where id = p_worker;
  return jsonb_build_object('left', found);
end
$$;

-- A worker's sign of life, with what it holds: p_running [[id, attempt]]. Workers silent for more than p_silent_s are
-- thought dead by it and their jobs given back; so are its own of which it has known nothing for half that time. Answers {"now" (epoch s), "known": false when it is itself one that was
-- thought dead and must join again, "lost": [id] of those it runs that were given to others, "cancel": [id] that are to
-- stop, "due": [{"kind", "cron", "due_at" (epoch s; null: never reckoned)}] schedules whose time has come}.
create or replace function public.beat_worker(
  p_worker bigint, p_running jsonb, p_silent_s double precision, p_max_losses integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  known boolean;
begin
  update procrastinate.procrastinate_workers set last_heartbeat = now() where id = p_worker;
  known := found;
  perform fleet_lose_jobs(
    array(select id from procrastinate.procrastinate_workers
          where last_heartbeat < now() - make_interval(secs => p_silent_s) order by id for update skip locked), p_max_losses);
  -- What was given to it and did not arrive (the answer of take_jobs was lost on its way) is given back.
  update procrastinate.procrastinate_jobs j
  set status = case when j.abort_requested then 'aborted' else 'todo' end::procrastinate.procrastinate_job_status,
      attempts = j.attempts + 1, abort_requested = false, worker_id = null,
      finished_at = case when j.abort_requested then now() end
  where j.worker_id = p_worker and j.status = 'doing' and j.started_at < now() - make_interval(secs => p_silent_s / 2)
    and not exists (select from jsonb_array_elements(p_running) r
      where (r ->> 0)::bigint = j.id and (r ->> 1)::integer = j.attempts + 1);
  return jsonb_build_object('now', extract(epoch from now()), 'known', known,
    'lost', (select coalesce(jsonb_agg(r -> 0), '[]') from jsonb_array_elements(p_running) r
      where not exists (select from procrastinate.procrastinate_jobs j
        where j.id = (r ->> 0)::bigint and j.status = 'doing' and j.attempts = (r ->> 1)::integer - 1)),
    'cancel', (select coalesce(jsonb_agg(r -> 0), '[]') from jsonb_array_elements(p_running) r
      join procrastinate.procrastinate_jobs j on j.id = (r ->> 0)::bigint where j.abort_requested),
    'due', (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'cron', cron, 'due_at', extract(epoch from next_at))
        order by kind), '[]') from job_kinds where cron is not null and coalesce(next_at <= now(), true)));
end
$$;

-- Makes the job of a schedule whose time has come, once, however many workers ask and however many of its times have
-- passed: only the first that names p_due_at (epoch s, as beat_worker told it) moves it to p_next_at. The job's unique
-- key is its kind's name: while one with that key is unfinished, whoever made it, no second one is made. Answers {"moved", "job": {"id", "existing"} or null}.
create or replace function public.fire_schedule(
  p_kind text, p_due_at double precision, p_next_at double precision) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  made jsonb;
begin
  update job_kinds set next_at = to_timestamp(p_next_at)
  where kind = p_kind and cron is not null and next_at is not distinct from to_timestamp(p_due_at);
  if not found then
    return jsonb_build_object('moved', false, 'job', null);
  elsif p_due_at is null then
    return jsonb_build_object('moved', true, 'job', null);
  end if;
  select enqueue_jobs(jsonb_build_array(jsonb_build_object(
    'kind', kind, 'args', args, 'unique_key', kind))) -> 0 into made
  from job_kinds where kind = p_kind;
  update job_kinds set last_at = now(), last_job_id = (made ->> 'id')::bigint where kind = p_kind;
  return jsonb_build_object('moved', true, 'job', made);
end
$$;

-- Gives a worker up to p_limit jobs of its queues, highest priority first, then oldest. Of jobs with one lock it
-- gives one, and none while one runs. Answers {"known": false when the worker must join again, "jobs": [{"id", "kind",
-- "queue", "args", "attempt", "priority", "failures", "losses"}], "next_in_s": until the next delayed job of its
-- queues is due, null when there is none}.
create or replace function public.take_jobs(p_worker bigint, p_queues jsonb, p_limit integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  wanted text[] := array(select jsonb_array_elements_text(p_queues));
  taken jsonb;
  next_in double precision;
  who text;
begin
  select host || ':' || name into who from procrastinate.procrastinate_workers where id = p_worker for key share;
  if not found then
    return jsonb_build_object('known', false, 'jobs', '[]'::jsonb, 'next_in_s', null);
  end if;
  begin
    with candidate as materialized (
      select j.id from procrastinate.procrastinate_jobs j
      where j.status = 'todo' and j.queue_name = any(wanted) and (j.scheduled_at is null or j.scheduled_at <= now())
        and (j.lock is null or not exists (
          select from procrastinate.procrastinate_jobs other
          where other.lock = j.lock and other.status in ('todo', 'doing') and (other.status = 'doing'
            or ((other.priority > j.priority or (other.priority = j.priority and other.id < j.id))
                and (other.scheduled_at is null or other.scheduled_at <= now())))))
      order by j.priority desc, j.id limit p_limit for update of j skip locked
    ), started as (
      update procrastinate.procrastinate_jobs j
      set status = 'doing', worker_id = p_worker, worker = who, started_at = clock_timestamp()
      from candidate c where j.id = c.id
      returning j.id, j.task_name, j.queue_name, j.args, j.attempts, j.priority, j.failures, j.losses
    ) select jsonb_agg(jsonb_build_object('id', id, 'kind', task_name, 'queue', queue_name, 'args', args,
        'attempt', attempts + 1, 'priority', priority, 'failures', failures, 'losses', losses)
        order by priority desc, id) into taken from started;
  exception when unique_violation then
    -- Two workers chose two jobs with one lock at once; the other one was first.
    taken := null;
    next_in := 0.05;
  end;
  if coalesce(jsonb_array_length(taken), 0) < p_limit and next_in is null then
    select extract(epoch from min(scheduled_at) - now()) into next_in from procrastinate.procrastinate_jobs
    where status = 'todo' and queue_name = any(wanted) and scheduled_at > now();
  end if;
  return jsonb_build_object('known', true, 'jobs', coalesce(taken, '[]'), 'next_in_s', next_in);
end
$$;

-- For a transaction that writes what a job is about: makes sure that the attempt is still the one that counts, and
-- keeps it so until the transaction ends. Answers {"held": true}; raises OF003 when it is over.
create or replace function public.hold_job(p_id bigint, p_attempt integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform from procrastinate.procrastinate_jobs
  where id = p_id and status = 'doing' and attempts = p_attempt - 1 for no key update;
  if not found then
    raise exception 'attempt % of job % is over: it was given to another worker', p_attempt, p_id using errcode = 'OF003';
  end if;
  return jsonb_build_object('held', true);
end
$$;

-- The same, and the job is done with it: what the transaction writes happens exactly once, however often the job
-- was begun. Its worker's own word that it is done changes nothing any more. Answers {"done": true}; raises OF003.
create or replace function public.complete_job(p_id bigint, p_attempt integer, p_result jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform hold_job(p_id, p_attempt);
  update procrastinate.procrastinate_jobs
  set status = 'succeeded', attempts = p_attempt, worker_id = null, abort_requested = false, finished_at = now(),
      result = p_result, error = null
  where id = p_id;
  return jsonb_build_object('done', true);
end
$$;

-- How attempts ended, all in one transaction. p_ended: [{"id", "attempt", "end", ...}] by `end`:
-- done       "result"; with "keep": false the job leaves no row
-- retry      "error", "delay_s": again after so long; counts as a failure
-- dead       "error", "reason", "traceback", "fingerprint": failed for good
-- cancelled  it stopped because it was asked to
-- back       given back unfinished by a worker that ends: counts as nothing; "delay_s" may be missing
-- Any of them may carry "enqueue": jobs as enqueue_jobs takes them, made in the same transaction.
-- An attempt that is over already is left alone; repeating the call does no harm. Answers [{"id", "written"}]: false when
-- another attempt has the job now, or has ended it.
create or replace function public.end_jobs(p_ended jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  e jsonb;
  job procrastinate.procrastinate_jobs;
  ended text;
  attempt integer;
  own boolean;
  answer jsonb := '[]';
begin
  for e in select j from jsonb_array_elements(p_ended) j order by (j ->> 'id')::bigint loop
    attempt := (e ->> 'attempt')::integer;
    ended := e ->> 'end';
    if ended not in ('done', 'retry', 'dead', 'cancelled', 'back') then
      raise exception 'a job ends as done, retry, dead, cancelled or back, not as %', ended;
    end if;
    select * into job from procrastinate.procrastinate_jobs where id = (e ->> 'id')::bigint for update;
    own := coalesce(job.status = 'doing' and job.attempts = attempt - 1, false);
    if own then
      if job.abort_requested and ended in ('retry', 'back') then
        ended := 'cancelled';
      end if;
      if ended = 'done' and e -> 'keep' = 'false' then
        delete from procrastinate.procrastinate_jobs where id = job.id;
      else
        update procrastinate.procrastinate_jobs
        set status = case ended when 'done' then 'succeeded' when 'dead' then 'failed' when 'cancelled' then 'aborted'
                     else 'todo' end::procrastinate.procrastinate_job_status,
            attempts = attempt, worker_id = null, abort_requested = false,
            failures = failures + (ended in ('retry', 'dead'))::integer,
            scheduled_at = case when ended in ('retry', 'back')
              then now() + make_interval(secs => (e ->> 'delay_s')::double precision) else scheduled_at end,
            finished_at = case when ended in ('done', 'dead', 'cancelled') then now() end,
            error = case ended when 'done' then null else coalesce(e ->> 'error', error) end,
            result = case ended when 'done' then e -> 'result' end
        where id = job.id;
      end if;
      if ended = 'dead' then
        perform fleet_bury_job(job.id, e ->> 'reason', e ->> 'traceback', e ->> 'fingerprint');
      end if;
      if e ? 'enqueue' then
        perform enqueue_jobs(e -> 'enqueue');
      end if;
    end if;
    answer := answer || jsonb_build_object('id', (e ->> 'id')::bigint, 'written',
      own or coalesce(ended = 'done' and job.status = 'succeeded' and job.attempts = attempt, false));
  end loop;
  return answer;
end
$$;

-- The queue at a glance; times are epoch s. waiting: could run now; delayed: waits for its time; oldest_s: how long the
-- oldest that could run has waited. Answers {"queues": [{"queue", "kind", "waiting", "delayed", "running", "oldest_s",
-- "done_24h", "dead"}], "workers": [{"worker", "host", "pid", "queues", "concurrency", "started_at",
-- "seconds_since_heartbeat", "running"}], "schedules": [{"kind", "cron", "last_at", "next_at", "last_job_id",
-- "last_status"}], "dead": [{"fingerprint", "kind", "reason" (of the newest), "jobs", "first_at", "last_at"}],
-- "kinds": [{"kind", "queue", "priority"}]}.
create or replace function public.jobs_overview() returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with counted as (
    select queue_name as queue, task_name as kind,
      count(*) filter (where status = 'todo' and coalesce(scheduled_at <= now(), true)) as waiting,
      count(*) filter (where status = 'todo' and scheduled_at > now()) as delayed,
      count(*) filter (where status = 'doing') as running,
      extract(epoch from now() - min(coalesce(scheduled_at, created_at))
        filter (where status = 'todo' and coalesce(scheduled_at <= now(), true))) as oldest_s,
      count(*) filter (where status = 'succeeded') as done_24h
    from procrastinate.procrastinate_jobs
    where status in ('todo', 'doing') or (finished_at > now() - interval '24 hours' and status = 'succeeded')
    group by 1, 2
  ), buried as (
    select queue, kind, count(*) as dead from dead_letters group by 1, 2
  )
  select jsonb_build_object(
    'queues', (select coalesce(jsonb_agg(jsonb_build_object('queue', queue, 'kind', kind,
        'waiting', coalesce(waiting, 0), 'delayed', coalesce(delayed, 0), 'running', coalesce(running, 0),
        'oldest_s', oldest_s, 'done_24h', coalesce(done_24h, 0), 'dead', coalesce(dead, 0)) order by queue, kind), '[]')
      from counted full join buried using (queue, kind)),
    'workers', (select coalesce(jsonb_agg(jsonb_build_object('worker', w.name, 'host', w.host, 'pid', w.pid,
        'queues', w.queues, 'concurrency', w.concurrency, 'started_at', extract(epoch from w.started_at),
        'seconds_since_heartbeat', extract(epoch from now() - w.last_heartbeat),
        'running', (select count(*) from procrastinate.procrastinate_jobs j where j.worker_id = w.id and j.status = 'doing'))
        order by w.host, w.name, w.id), '[]') from procrastinate.procrastinate_workers w),
    'schedules', (select coalesce(jsonb_agg(jsonb_build_object('kind', k.kind, 'cron', k.cron,
        'last_at', extract(epoch from k.last_at), 'next_at', extract(epoch from k.next_at), 'last_job_id', k.last_job_id,
        'last_status', (select fleet_job_status(j.status::text) from procrastinate.procrastinate_jobs j
                        where j.id = k.last_job_id)) order by k.kind), '[]')
      from job_kinds k where k.cron is not null),
    'dead', (select coalesce(jsonb_agg(jsonb_build_object('fingerprint', fingerprint, 'kind', kind, 'reason', reason,
        'jobs', jobs, 'first_at', extract(epoch from first_at), 'last_at', extract(epoch from last_at))
        order by last_at desc), '[]')
      from (select fingerprint, kind, (array_agg(reason order by died_at desc))[1] as reason, count(*) as jobs,
                   min(died_at) as first_at, max(died_at) as last_at from dead_letters group by 1, 2) d),
    'kinds', (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'queue', queue, 'priority', priority)
        order by kind), '[]') from job_kinds))
$$;

-- Jobs, newest first, as job_state tells them. p_status, p_kind: null for all; p_before: only ids below, null for the
-- newest; page on with the last id.
create or replace function public.list_jobs(p_status text, p_kind text, p_before bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(fleet_job_json(j) order by (j).id desc), '[]')
  from (
    select j from procrastinate.procrastinate_jobs j
    where (p_kind is null or j.task_name = p_kind) and (p_before is null or j.id < p_before)
      and (p_status is null or j.status = any(case p_status
        when 'waiting' then array['todo'] when 'running' then array['doing'] when 'done' then array['succeeded']
        when 'dead' then array['failed'] when 'cancelled' then array['cancelled', 'aborting', 'aborted']
        else array[]::text[] end::procrastinate.procrastinate_job_status[]))
    order by j.id desc limit p_limit
  ) found
$$;

-- Dead letters, newest job first. p_fingerprint: of one cause, null for all; p_before: only job ids below. Answers
-- [{"id" (of the job), "kind", "queue", "args", "attempts", "reason", "fingerprint", "worker", "died_at" (epoch s)}].
create or replace function public.dead_jobs(p_fingerprint text, p_before bigint, p_limit integer) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', job_id, 'kind', kind, 'queue', queue, 'args', args,
    'attempts', attempts, 'reason', reason, 'fingerprint', fingerprint, 'worker', worker,
    'died_at', extract(epoch from died_at)) order by job_id desc), '[]')
  from (
    select * from dead_letters
    where (p_fingerprint is null or fingerprint = p_fingerprint) and (p_before is null or job_id < p_before)
    order by job_id desc limit p_limit
  ) d
$$;

-- One dead letter, whole: as dead_jobs, with "traceback" (null: its worker died), "failures", "losses", "created_at".
-- Null when that job is not dead.
create or replace function public.dead_job(p_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select jsonb_build_object('id', d.job_id, 'kind', d.kind, 'queue', d.queue, 'args', d.args, 'attempts', d.attempts,
    'reason', d.reason, 'traceback', d.traceback, 'fingerprint', d.fingerprint, 'worker', d.worker,
    'failures', j.failures, 'losses', j.losses,
    'created_at', extract(epoch from j.created_at), 'died_at', extract(epoch from d.died_at))
  from dead_letters d join procrastinate.procrastinate_jobs j on j.id = d.job_id where d.job_id = p_id
$$;

-- Which dead jobs are meant: those named (p_ids, [id] or null) or those of a cause; never all by saying nothing.
create or replace function public.fleet_dead_meant(p_ids jsonb, p_fingerprint text) returns bigint[]
language plpgsql stable set search_path = pg_catalog, public, pg_temp as $$
begin
  if p_ids is null and p_fingerprint is null then
    raise exception 'name dead jobs by id or by fingerprint';
  end if;
  return array(select job_id from dead_letters
    where (p_ids is null or p_ids @> to_jsonb(job_id)) and (p_fingerprint is null or fingerprint = p_fingerprint)
    order by job_id);
end
$$;

-- Dead jobs wait again, under their own ids, with all their retries before them. Of those with one unique key only the
-- newest, and none while an unfinished job has it: the others stay dead. p_dry_run: only tells. Answers {"jobs", "ids",
-- "skipped"}.
create or replace function public.requeue_dead(p_ids jsonb, p_fingerprint text, p_dry_run boolean) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  meant bigint[] := fleet_dead_meant(p_ids, p_fingerprint);
  chosen bigint[];
begin
  -- Whoever requeues the same ones at this moment is waited for: a job that a worker has by then is none of these.
  perform from procrastinate.procrastinate_jobs where id = any(meant) order by id for update;
  select coalesce(array_agg(id order by id), '{}') into chosen from (
    select distinct on (coalesce(queueing_lock, id::text || ' has none')) id
    from procrastinate.procrastinate_jobs j
    where id = any(meant) and status = 'failed' and not exists (
      select from procrastinate.procrastinate_jobs other
      where other.queueing_lock = j.queueing_lock and other.status in ('todo', 'doing'))
    order by coalesce(queueing_lock, id::text || ' has none'), id desc
  ) newest;
  if not p_dry_run then
    delete from dead_letters where job_id = any(chosen);
    update procrastinate.procrastinate_jobs
    set status = 'todo', failures = 0, losses = 0, finished_at = null, scheduled_at = null, worker_id = null
    where id = any(chosen);
  end if;
  return jsonb_build_object('jobs', cardinality(chosen), 'ids', to_jsonb(chosen),
    'skipped', cardinality(meant) - cardinality(chosen));
end
$$;

-- Forgets dead jobs, letter and job. p_dry_run: only tells. Answers {"jobs", "ids"}.
create or replace function public.discard_dead(p_ids jsonb, p_fingerprint text, p_dry_run boolean) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  meant bigint[] := fleet_dead_meant(p_ids, p_fingerprint);
begin
  if not p_dry_run then
    delete from procrastinate.procrastinate_jobs where id = any(meant) and status = 'failed';
  end if;
  return jsonb_build_object('jobs', cardinality(meant), 'ids', to_jsonb(meant));
end
$$;

-- Forgets what ended long ago, at most p_limit jobs at a time. Answers {"done" (and cancelled), "dead"}; call again
-- while their sum = p_limit.
create or replace function public.cleanup_jobs(p_keep_done_days integer, p_keep_dead_days integer, p_limit integer) returns jsonb
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  with old as (
    select id from procrastinate.procrastinate_jobs
    where finished_at < now() - make_interval(days => case status when 'failed' then p_keep_dead_days else p_keep_done_days end)
    order by finished_at limit p_limit for update skip locked
  ), deleted as (
    delete from procrastinate.procrastinate_jobs j using old where j.id = old.id returning j.status
  )
  select jsonb_build_object('done', count(*) filter (where status <> 'failed'),
                            'dead', count(*) filter (where status = 'failed')) from deleted
$$;

select public.fleet_guard_function(f) from unnest(array[
  'public.enqueue_jobs(jsonb)'::regprocedure,
  'public.job_state(bigint)'::regprocedure,
  'public.cancel_job(bigint)'::regprocedure,
  'public.join_worker(jsonb, jsonb, integer)'::regprocedure,
  'public.leave_worker(bigint)'::regprocedure,
  'public.beat_worker(bigint, jsonb, double precision, integer)'::regprocedure,
  'public.fire_schedule(text, double precision, double precision)'::regprocedure,
  'public.take_jobs(bigint, jsonb, integer)'::regprocedure,
  'public.hold_job(bigint, integer)'::regprocedure,
  'public.complete_job(bigint, integer, jsonb)'::regprocedure,
  'public.end_jobs(jsonb)'::regprocedure,
  'public.jobs_overview()'::regprocedure,
  'public.list_jobs(text, text, bigint, integer)'::regprocedure,
  'public.dead_jobs(text, bigint, integer)'::regprocedure,
  'public.dead_job(bigint)'::regprocedure,
  'public.requeue_dead(jsonb, text, boolean)'::regprocedure,
  'public.discard_dead(jsonb, text, boolean)'::regprocedure,
  'public.cleanup_jobs(integer, integer, integer)'::regprocedure
]) as f;
select public.fleet_for_roles(array['public', 'anon', 'authenticated'],
  format('revoke all on function %s from %%I', helper))
from unnest(array[
  'public.fleet_job_status(text)'::regprocedure,
  'public.fleet_job_json(procrastinate.procrastinate_jobs)'::regprocedure,
  'public.fleet_bury_job(bigint, text, text, text)'::regprocedure,
  'public.fleet_lose_jobs(bigint[], integer)'::regprocedure,
  'public.fleet_dead_meant(jsonb, text)'::regprocedure
]) as helper;
