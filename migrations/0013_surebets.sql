-- The life of surebets: opened, confirmed, closed.
select 1;
