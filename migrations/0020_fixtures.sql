-- Fixtures from a provider: the catalogue that matching stands on.
select 1;
