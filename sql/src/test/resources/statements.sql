select 1
SELECT 1;
select;
select * from users
select * from users where id = 1
select * from users where id = $1
SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2
SELECT "users".* FROM "users" WHERE "users"."email" = 'a@b.c' LIMIT 1
select u.id, u.name from public.users u where u.name = 'O''Brien'
select u.id from users as u, orders as o where u.id = o.user_id and o.total > 99.50
select u.id from users u join orders o on u.id = o.user_id
select u.id from users u left join orders o using (user_id)
select u.id from users u left outer join orders o on u.id = o.user_id right join items i on i.order_id = o.id
select u.id from users u full outer join shop.orders o on true
select * from a cross join b
select * from a natural join b
select * from a natural left join b
select * from (a join b on a.id = b.id) join c on c.id = a.id
select * from ((a cross join b) left join c on c.id = a.id) as j
select * from only parents
select * from only (parents)
select * from parents *
select * from users where id in (1, 2, 3)
select * from users where id in (1)
select * from users where id in ($1, $2, $3, $4)
select * from users where id not in (1, -2, 3.5, 'x', null, true)
select * from users where (a, b) in ((1, 2), (3, 4))
select * from users where id in (select user_id from orders)
select * from users where id in (select user_id from orders where total > 10 and item in (select id from items))
select * from users where id = any (array[1, 2, 3])
select * from users where id = any ($1)
select * from users where id = any ($1::int[])
select * from users where id <> all (select user_id from banned)
select * from users where exists (select 1 from orders where orders.user_id = users.id)
select * from users where not exists (select from orders where orders.user_id = users.id)
select * from users where name like 'a%' or name ilike '%b' and not name like '50!%' escape '!'
select * from users where name similar to '(a|b)%'
select * from users where name ~ '^a' and name !~ 'b$' and name ~* 'C' and name !~* 'D'
select * from users where age between 18 and 65
select * from users where age not between symmetric 65 and 18
select * from users where deleted is null and active is true and banned is not true and name is not null
select * from users where a is distinct from b and b is not distinct from null
select * from users where a isnull or b notnull
select * from users order by name
select * from users order by name asc nulls first, age desc nulls last
select name, age from users order by 2
select name, age from users order by 1, 2 desc limit 10 offset 20
select name, age from users order by 2, 1 desc limit 10 offset 20
select name, count(*) from users group by name having count(*) > 1
select name, age, count(*) from users group by 1, 2
select name, age, count(*) from users group by 1
select a, b, sum(c) from t group by rollup (a, b)
select a, b, sum(c) from t group by cube (a, b), grouping sets ((a), (b), ())
select a, b, grouping(a, b) from t group by grouping sets (a, b)
select distinct name from users
select distinct on (name) name, age from users order by name, age desc
select all name from users
select count(*) from users
select count(distinct name) from users
select count(*) filter (where active) from users
select sum(total) over (partition by user_id order by created rows between 1 preceding and current row) from orders
select rank() over w from orders window w as (partition by user_id order by total desc)
select row_number() over (order by id) from users
select lag(total, 1, 0) over (order by id) from orders
select first_value(total) over (order by id groups between unbounded preceding and 1 following exclude ties) from orders
select percentile_cont(0.5) within group (order by total) from orders
select string_agg(name, ', ' order by name) from users
select array_agg(distinct name order by name desc) from users
select * from users limit 10
select * from users limit all
select * from users offset 10
select * from users offset 10 rows
select * from users fetch first 5 rows only
select * from users order by age fetch first row with ties
select * from users offset 2 rows fetch next 3 rows only
select * from users for update
select * from users where id = 1 for update nowait
select * from users where id = 1 for no key update skip locked
select * from users u join orders o on u.id = o.user_id for share of u
select * from users for key share
select 1 union select 2
select a from t union all select b from s order by 1
select a from t intersect select b from s except select c from r
(select a from t) union (select b from s) limit 5
(select a from t order by a limit 1) union all (select b from s order by b limit 1)
((select 1))
values (1, 'a'), (2, 'b')
values (1), (2) order by 1
select * from (values (1, 'a'), (2, 'b')) as v(id, name)
select * from (select * from (select * from users) a) b
select (select max(total) from orders o where o.user_id = u.id) from users u
select (select count(*) from orders), (select count(*) from items)
select * from users order by (select count(*) from orders where user_id = users.id)
select name from users group by name, (select max(x) from knobs)
select * from users limit (select n from knobs)
select * from users offset (select n from knobs limit 1)
select name from users group by name having count(*) > (select n from knobs)
select count(*) filter (where id in (select id from vip)) from users
select sum(a) over (order by (select max(b) from knobs)) from t
select distinct on ((select 1 from knobs)) a from t
select case when exists (select 1 from vip) then 1 else 0 end from users
select case name when 'a' then 1 when 'b' then (select 2 from knobs) else -3 end from users
select array(select id from users)
select array[1, 2, (select max(id) from users)]
select row(1, (select max(id) from users))
select coalesce((select name from users limit 1), 'none')
select * from users u, lateral (select * from orders o where o.user_id = u.id limit 3) l
select * from users u left join lateral (select * from orders where user_id = u.id) o on true
select * from users u join orders o on u.id = o.user_id and o.total > (select avg(total) from orders)
select * from generate_series(1, 10) as g
select * from generate_series(1, 10) with ordinality as g(n, i)
select * from unnest(array[1, 2], array['a', 'b']) as u(a, b)
select * from rows from (generate_series(1, 2), unnest(array['a', 'b'])) as r(n, s)
select * from users u, unnest(u.tags) as tag
select * from json_to_recordset('[{"a":1}]') as x(a int)
select * from json_table('[1]', '$[*]' columns (a int path '$'))
select * from xmltable('/a' passing data columns b text)
with a as (select 1) select * from a
with a as (select * from users) select * from a join orders on a.id = orders.user_id
with a(x, y) as (select id, name from users), b as (select x from a) select * from b
with a as (select * from a) select * from a
with a as (select * from b), b as (select * from a) select * from a, b
with users as (select 1) select * from public.users, users
with recursive t(n) as (select 1 union all select n + 1 from t where n < 10) select n from t
with recursive tree as (select id, parent from nodes where id = $1 union all select n.id, n.parent from nodes n join tree on n.parent = tree.id) select * from tree
with recursive t as (select * from t2), t2 as (select * from base) select * from t
with a as materialized (select * from users) select * from a
with a as not materialized (select * from users) select * from a where id = 3
with a as (with b as (select * from users) select * from b) select * from a, b
select * from (with x as (select * from users) select * from x) y, x
select (with x as (select * from users) select count(*) from x) from x
with x as (select 1) select * from (with x as (select * from y) select * from x) z, x
with x as (select 1) select * from t where a in (select * from x) union select * from x
with "A" as (select * from "B") select * from "A", a
with a as (select 1) (select * from a) union (select * from a2)
with recursive s(a) as (values (1) union all select a + 1 from s) search depth first by a set ord select * from s
with recursive g(a) as (select 1 union all select a from g) cycle a set is_cycle using path select * from g
with moved as (delete from old_rows returning *) insert into new_rows select * from moved
with n as (insert into users (name) values ('a') returning id) select * from n
with n as (update users set name = 'b' returning id) select * from n
insert into users (name, age) values ('a', 1)
insert into users (name, age) values ('a', 1), ('b', 2), ('c', 3)
insert into users values (default, $1, $2)
insert into users default values
insert into users as u (id, n) values (1, 1) on conflict (id) do update set n = u.n + excluded.n
insert into users (id) values (1) on conflict do nothing
insert into users (id) values (1) on conflict on constraint users_pkey do nothing
insert into users (id) values (1) on conflict (lower(email)) where active do update set n = 2 where users.n < 5
insert into users (name) select name from imports
insert into users (name) with i as (select * from imports) select name from i
insert into shop.users (name) values ($1) returning id, name
insert into "Users" ("Name") values ('x') returning "Id"
insert into users (id) overriding system value values (1)
with i as (select * from imports) insert into users select * from i
update users set name = 'a' where id = 1
update users set name = $1, age = age + 1 where id = $2 returning *
update users u set name = o.name from orders o where o.user_id = u.id
update only users set a = 1
update users set (a, b) = (1, 2) where id = 3
update users set (a, b) = (select c, d from knobs) where id = 3
update users set a = (select max(a) from orders) where id in (select user_id from orders)
update users set tags[1] = 'x'
update users set a = default
update users set balance = -5, active = false, note = null
with k as (select * from knobs) update users set a = k.a from k
delete from users
delete from users where id = 1
delete from users where id = $1 returning *
delete from only users u where u.id = 1
delete from users using orders where orders.user_id = users.id
delete from users where id in (select user_id from banned)
with k as (select * from knobs) delete from users using k where users.id = k.id
merge into users u using imports i on u.id = i.id when matched then update set name = i.name when not matched then insert (id, name) values (i.id, i.name)
merge into users u using (select * from imports) i on u.id = i.id when matched and i.gone then delete when not matched then do nothing
truncate users
truncate table users, orders
truncate only shop.users restart identity
truncate users cascade
copy users from stdin
copy users (id, name) from stdin with (format csv, header)
copy shop.users from stdin
copy users to stdout
copy (select * from users) to stdout
begin
BEGIN;
begin isolation level serializable read only
start transaction
commit
commit and chain
end
rollback
abort
rollback to savepoint a
rollback work to a
savepoint a
release savepoint a
release a
prepare transaction 'gid'
commit prepared 'gid'
rollback prepared 'gid'
set search_path to shop, public
set search_path = 'shop'
set session statement_timeout = 5000
set local statement_timeout = '5s'
set local.colour = 'red'
set time zone 'UTC'
set transaction isolation level repeatable read
set constraints all deferred
set role admin
set session authorization default
reset search_path
reset all
discard all
show search_path
listen channel
unlisten *
notify channel
notify channel, 'payload'
prepare p as select * from users where id = $1
prepare p (int, text) as insert into users values ($1, $2)
prepare transaction as select 1
execute p
execute p (1, 'a')
deallocate p
deallocate all
declare c cursor for select * from users
declare c scroll cursor with hold for select * from users
fetch 10 from c
fetch next from c
move forward 5 in c
close c
explain select * from users
explain (analyze, buffers, format json) select * from users
create table t (id int primary key, name varchar(10) not null default 'x', n numeric(10,2) check (n > 0))
create table if not exists t (id bigint generated always as identity)
create temp table t as select * from users
create table t2 as table t
create index concurrently if not exists i on users (lower(name)) where active
create unique index on users using btree (name desc nulls last) include (age)
create view v as select * from users
create or replace view v as select 1
create materialized view mv as select * from users
create sequence s start 1
create schema shop
create extension if not exists pg_trgm
create type mood as enum ('sad', 'ok')
create function f(a int) returns int language sql as 'select 1; select 2'
create function f(a int) returns int language sql as $$ select 1; select $1; $$
create function f() returns int language plpgsql as $body$ begin return 1; end; $body$
create function f() returns int begin atomic select 1; select 2; end
create or replace function f() returns int begin atomic select case when true then 1 else 2 end; end; select 3
create procedure p() begin atomic insert into t values (1); update t set a = case b when 1 then 2 end; end; select 1; select 2
create function f() returns int begin atomic end; select 1
create function f() returns int begin atomic select 1 as end; select t.end from t; end; select 4
create function f(begin int) returns int return begin; select 5
create function f(a int) returns int return a + 1; select 6
create rule r as on insert to t do also (insert into l values (1); insert into m values (2)); select 7
create trigger tr before insert on t for each row execute function f()
alter table users add column a int default 5
alter table users alter column a type numeric(12,2) using a::numeric
alter role bob password 'secret'
drop table if exists users, orders cascade
grant select on users to bob
revoke all on all tables in schema shop from public
comment on table users is 'people'
lock table users in access exclusive mode
call p(1, 'x')
do $$ begin perform 1; end $$
do language plpgsql 'begin end'
vacuum (analyze, verbose) users
analyze users
cluster users
reindex table users
refresh materialized view concurrently mv
checkpoint
table users
table only shop.users
select * into new_table from users
select 1 into temp t
select now()
select current_timestamp, current_date, localtime
select current_user, session_user, user, current_catalog
select random()
select nextval('s')
select gen_random_uuid()
select * from users where created > now() - interval '1 day'
select * from events where day = 'today'
select * from events where day >= date 'tomorrow'
select * from pg_class
select * from pg_catalog.pg_class c join pg_namespace n on n.oid = c.relnamespace
select * from information_schema.tables
select * from pg_temp.t
select pg_sleep(1)
select pg_advisory_lock(1)
select set_config('a.b', 'c', false)
select current_setting('a.b')
select my_function(1)
select shop.price(id) from items
select lower(name), upper(name), length(name), trim(both ' ' from name), substring(name from 1 for 3) from users
select substring(name, 1, 3), position('a' in name), overlay(name placing 'x' from 1), replace(name, 'a', 'b') from users
select abs(a), round(b, 2), ceil(c), floor(d), mod(e, 2), power(f, 2), sqrt(g), greatest(h, 1), least(i, 2) from t
select coalesce(a, b), nullif(c, 0) from t
select extract(year from created) from users
select date_trunc('day', created) from users
select cast(a as text), a::varchar(10), b::numeric(10, 2), c::timestamp with time zone from t
select cast(a as double precision), cast(b as character varying(20)), c::int[] from t
select date '2020-01-01', timestamp '2020-01-01 00:00', interval '1 day', interval '1' day, time '10:00'
select a at time zone 'UTC' from t
select a collate "C" from t order by b collate "de_DE"
select -1, - 1, -1.5, +1, - -1, (-1), a - 1, a -1, a-1, a - -1, -a, -1::int, (-1)::int from t
select a[1], a[-1], a[1:2], a[:2], a[b:c], (f(x)).y, (t.c).d, (t).* from t
select 1 + 2 * 3 / 4 % 5 ^ 6, a || b, a & b | c # d, ~a, a << 1, a >> 2 from t
select a -> 'b' ->> 'c', a #> '{d}' #>> '{e}', a @> '{}', a <@ b from t
select a ? 'b', a ?| array['b'], a ?& array['c'], a @? '$', a @@ '$' from t
select a <-> b, a <=> b, a && b, a -|- b, @ a, |/ a, ||/ a, !! a from t
select a=-1, a<-1, a>-1, a<=-1, a!=-1, a<>-1, a*-1, a/-1, a+-1, a^-1, a||-1 from t
select a operator(pg_catalog.+) b from t
select * from t order by a using >
select a<b, a>b, a<=b, a>=b, a<>b, a!=b, a=b from t
select f(a => 1, b := 2)
select f(variadic array[1, 2])
select 1 as "select", 2 as "A b", 3 as "quo""te", 4 as ünïcode, 5 as "日本"
select 1 one, 2 two, 'x' three
select "Users"."Id" from "Users" where "Users"."Name" = 'x'
select "a.b"."c.d" from "s.t"."u.v" as "w.x"
select U&"d\0061t\+000061" from t
select U&"d!0061ta" uescape '!' from t
select U&'d!0061ta' uescape '!', U&'\0041'
select E'a\'b', e'a\\', E'\x41\u0041\n', E'a''b'
select 'a\', 'b'
select 'it''s', '', '''', 'a''''b'
select 'first'
| 'second'
select 'first' -- why
|   'second'
select E'a\'' --'
| 'b\'c'
select $$dollar 'quoted' "text"$$, $tag$with $$ inside$tag$, $a$ $b$ $a$
select $q$ -- no comment /* none */ ; $q$
select a$b, a$1, _a, a1 from t$x
select B'0101', b'', X'1F', x'ab', N'national'
select 1, 1.5, .5, 1., 1e10, 1.5e-3, 1E+5, .5e1, 1_000_000, 1_0.0_1, 0x1F, 0XfF, 0o17, 0b101, 0x_ff, 00123
select 12345678901234567890, 1.7976931348623157e308
select array[1,2], array[[1,2],[3,4]], '{1,2}'::int[]
select true, false, null, TRUE is true, null is null, not true
select -- line comment
| 1
select /* block */ 1
select /* nested /* comment */ still */ 1
select 1 /* unusual * / */ + 2
select 1 -- ends here
select 1+/* between */-2
select 1*/**/2
select a/*x*/b from t
select a--x
| b from t
/* leading */ select 1
-- leading line
| select 1
/* a */ /* b */ select 1 /* c */ /* d */
select 1; -- trailing
select 1; select 2
select 1; select 2; select 3;
;;select 1;;select 2;;
;
select ';'; select ";" from t; select $$;$$; select 1 /* ; */; select 2 -- ;
|; select 3
begin; update users set a = 1; commit
insert into t values (1); insert into t values (2); select * from t
/*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/ select 1
select 1 /*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',application='shop'*/
/*+ SeqScan(users) */ select * from users
select $1, $2 + $1, $10::int
select json_build_object('a', 1), jsonb_agg(a), row_to_json(t), to_jsonb(t) from t
select json_object('a': 1), json_array(1, 2), json_value('{}', '$.a' null on empty)
select xmlelement(name a, xmlattributes(1 as b))
select * from t tablesample bernoulli (10)
select * from t tablesample system (10) repeatable (1)
select (a, b) = (1, 2), (a, b) < (c, d), row(a, b) is null from t
select a overlaps b from t
select (date '2020-01-01', date '2020-02-01') overlaps (date '2020-01-15', date '2020-03-01')
select a is json, b is normalized, c is document from t
select treat, year, month, value, name, type, key, data, level, date from t
select date ? 'b', date '2020-01-01' b from t
select date ? b from t
select "date" ? b from t
select t.select, t.from, t.null from t
select o.id from "order" o join "user" u on u.id = o."user"
select count(*) as count from t
select x.* from schema_one.tab x, schema_two.tab y
select a.b.c from a.b
select db.s.t.c from db.s.t
select * from aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
select * from Users, USERS, "Users"
select 'a' 'b'
select 'unterminated
select "unterminated
select /* unterminated
select $$unterminated
select E'unterminated\'
select 123abc
select 1__2
select 0x
select 1e
select "" from t
select from where
selec 1
select * from (select 1
select 1)
select a b c
\d users
select {fn now()}
