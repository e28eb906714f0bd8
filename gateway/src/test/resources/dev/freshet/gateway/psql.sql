\set VERBOSITY verbose
\set SHOW_CONTEXT never
\pset pager off
drop table if exists psql_t;
create table psql_t (id int primary key, t text);
insert into psql_t select n, 'row ' || n from generate_series(1, 5) n returning *;
select * from psql_t order by id;
\d psql_t
begin;
insert into psql_t values (1, 'again');
select 1;
rollback;
\set ON_ERROR_ROLLBACK on
begin;
insert into psql_t values (1, 'again');
insert into psql_t values (6, 'six');
commit;
\set ON_ERROR_ROLLBACK off
prepare get(int) as select t from psql_t where id = $1;
execute get(6);
deallocate get;
select 40 + 2 as answer \gset
select :answer as kept;
copy psql_t from stdin;
7	seven
8	eight
\.
copy (select * from psql_t where id > 6 order by id) to stdout;
copy psql_t from stdin;
x	not a number
\.
\copy (select count(*) from psql_t) to stdout
set statement_timeout = '7s';
show statement_timeout;
select 'two' as one \; select 'statements' as other;
declare held cursor with hold for select id from psql_t order by id;
fetch 2 from held;
fetch 2 from held;
close held;
do $$ begin raise notice 'a notice of %', 1; end $$;
select lo_from_bytea(424242, '\x00ff'::bytea);
select lo_get(424242);
select lo_unlink(424242);
listen psql_news;
notify psql_news, 'hello';
\bind_is_newer_than_this_psql
select repeat('x', 100000) as long \g /dev/null
select 1 / 0;
drop table psql_t;
