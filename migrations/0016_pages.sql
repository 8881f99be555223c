-- What the web pages ask for.
select 1;
