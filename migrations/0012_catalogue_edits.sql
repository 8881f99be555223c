-- Editing the catalogue by hand: merging what was created twice.
select 1;
