-- What a price did: history for charts, and how much room it takes.
select 1;
