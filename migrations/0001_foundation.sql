-- Roles, the helpers that guard every later object, and the list of applied migrations.
--
-- Every migration may be applied by `fleet db migrate` or pasted into the Supabase SQL editor, and
-- applied again without harm. Plain Postgres 15+ without extensions is enough. Where the migrating
-- user may not create roles, missing roles are skipped and their grants with them.

do $$
declare
  wanted text;
begin
  foreach wanted in array array['anon', 'authenticated', 'service_role', 'odds_writer'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin noinherit', wanted);
      exception when insufficient_privilege then
        raise notice 'role % does not exist and may not be created here: its grants are skipped', wanted;
      end;
    end if;
  end loop;
end
$$;

create table if not exists public.fleet_migrations (
  version integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
);

-- Runs a grant, revoke or policy for each of the named roles that exists. `%I` in the statement is the role.
create or replace function public.fleet_for_roles(p_roles text[], p_statement text) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  wanted text;
begin
  foreach wanted in array p_roles loop
    if wanted = 'public' then
      execute replace(p_statement, '%I', 'public');
    elsif exists (select from pg_roles where rolname = wanted) then
      execute format(p_statement, wanted);
    end if;
  end loop;
end
$$;

-- Closes a table to everybody but its owner, then opens it for reading to exactly the named roles.
create or replace function public.fleet_guard_table(p_table regclass, p_readers text[]) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  reader text;
begin
  execute format('alter table %s enable row level security', p_table);
  perform public.fleet_for_roles(array['public', 'anon', 'authenticated'], format('revoke all on %s from %%I', p_table));
  foreach reader in array p_readers || array['service_role', 'odds_writer'] loop
    execute format('drop policy if exists %I on %s', 'read_' || reader, p_table);
    perform public.fleet_for_roles(array[reader],
      format('create policy %I on %s for select to %%I using (true)', 'read_' || reader, p_table));
    perform public.fleet_for_roles(array[reader], format('grant select on %s to %%I', p_table));
  end loop;
end
$$;

-- The same for a view. Views run with the rights of who asks, so the tables below must be readable too.
create or replace function public.fleet_guard_view(p_view regclass, p_readers text[]) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  execute format('alter view %s set (security_invoker = true)', p_view);
  perform public.fleet_for_roles(array['public', 'anon', 'authenticated'], format('revoke all on %s from %%I', p_view));
  perform public.fleet_for_roles(p_readers || array['service_role', 'odds_writer'],
    format('grant select on %s to %%I', p_view));
end
$$;

-- A function of the contract: only the writers may call it. Supabase grants execute to `anon` and
-- `authenticated` by default privileges, so revoking from `public` alone would leave it open.
create or replace function public.fleet_guard_function(p_function regprocedure) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  perform public.fleet_for_roles(array['public', 'anon', 'authenticated'],
    format('revoke all on function %s from %%I', p_function));
  perform public.fleet_for_roles(array['service_role', 'odds_writer'],
    format('grant execute on function %s to %%I', p_function));
end
$$;

select public.fleet_for_roles(array['anon', 'authenticated', 'service_role', 'odds_writer'],
  'grant usage on schema public to %I');
select public.fleet_guard_table('public.fleet_migrations', array[]::text[]);

-- What is applied, for those who reach the database through an API only: {"<version>": "<checksum>"}.
create or replace function public.applied_migrations() returns jsonb
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(jsonb_object_agg(version, checksum), '{}'::jsonb) from fleet_migrations
$$;
select public.fleet_guard_function('public.applied_migrations()');

select public.fleet_for_roles(array['public', 'anon', 'authenticated'],
  format('revoke all on function %s from %%I', helper))
from unnest(array[
  'public.fleet_for_roles(text[], text)'::regprocedure,
  'public.fleet_guard_table(regclass, text[])'::regprocedure,
  'public.fleet_guard_view(regclass, text[])'::regprocedure,
  'public.fleet_guard_function(regprocedure)'::regprocedure
]) as helper;
