-- Alerts: their state, the outbox, silences, and what the watchdog did.
select 1;
