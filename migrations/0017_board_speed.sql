-- Following a large board.
select 1;
