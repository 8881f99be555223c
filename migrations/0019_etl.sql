-- Runs explained: executions, logs and metrics of imports.
select 1;
