// node-postgres and Knex at work: prints one line of JSON a step, which is the same whatever stands between.
import knex from 'knex';
import pg from 'pg';
import copy from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

const url = process.argv[2];
const say = (step, value) => console.log(JSON.stringify([step, value]));
const failure = async (work) => {
  try { await work(); return 'no error'; } catch (e) { return `${e.code} ${e.message}`; }
};

async function postgres() {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  say('types', (await client.query(
    "select 1::int a, 2.5::numeric b, null c, 'ü'::text d, '{1,2}'::int[] e, '{\"x\":1}'::jsonb f, true g, '\\x00ff'::bytea h")).rows);
  say('parameters', (await client.query('select $1::int + 1 n, $2::text t', [41, "o'clock"])).rows);
  say('several', (await client.query('select 1 a; select 2 b')).map((r) => r.rows));
  await client.query('drop table if exists node_t; create table node_t (id int primary key, t text)');
  for (let i = 0; i < 20; i++) {
    await client.query({ name: 'put', text: 'insert into node_t values ($1, $2)', values: [i, 'row ' + i] });
  }
  say('prepared', (await client.query({ name: 'sum', text: 'select count(*)::int n from node_t where id < $1', values: [10] })).rows);
  say('constraint', await failure(() => client.query({ name: 'put', text: 'insert into node_t values ($1, $2)', values: [1, 'again'] })));
  await client.query('begin');
  say('syntax', await failure(() => client.query('selec 1')));
  say('in failed', await failure(() => client.query('select 1')));
  await client.query('rollback');
  await client.query('begin');
  await client.query('savepoint s');
  say('division', await failure(() => client.query('select 1 / $1::int', [0])));
  await client.query('rollback to s');
  await client.query("update node_t set t = 'changed' where id = 3");
  await client.query('commit');
  say('changed', (await client.query('select * from node_t where id = 3')).rows);
  await client.query("set timezone = 'Asia/Tokyo'");
  await client.query('select 1');
  say('setting', (await client.query('show timezone')).rows);

  await pipeline(
    Readable.from(Array.from({ length: 5000 }, (_, i) => `${i + 100}\tcopied ${i}\n`)),
    client.query(copy.from('copy node_t from stdin')));
  let copied = '';
  for await (const chunk of client.query(copy.to('copy (select * from node_t order by id) to stdout'))) copied += chunk;
  say('copied', [copied.length, copied.slice(0, 40), copied.slice(-40)]);
  say('bad copy', await failure(() => pipeline(Readable.from(['no\tnumber\n']), client.query(copy.from('copy node_t from stdin')))));

  const heard = new Promise((done) => client.on('notification', (n) => done([n.channel, n.payload])));
  await client.query('listen node_news');
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  await other.query("notify node_news, 'hello'");
  say('heard', await heard);

  const sleeping = failure(() => client.query('select pg_sleep(50)'));
  let running = 0;
  while (running === 0) {
    running = (await other.query("select count(*)::int n from pg_stat_activity where query = 'select pg_sleep(50)' and state = 'active'")).rows[0].n;
  }
  // A cancel request goes over a connection of its own, as drivers make one.
  await new Promise((done) => {
    const request = new pg.Connection({});
    const at = new URL(url);
    request.connect(Number(at.port), at.hostname);
    request.on('connect', () => request.cancel(client.processID, client.secretKey));
    request.on('end', done);
  });
  say('cancelled', await sleeping);
  say('after', (await client.query('select 1 one')).rows);
  await other.end();
  await client.end();

  const pool = new pg.Pool({ connectionString: url, max: 8 });
  const many = await Promise.all(Array.from({ length: 200 }, (_, i) =>
    pool.query({ name: 'mine', text: 'select $1::int n', values: [i] }).then((r) => r.rows[0].n === i)));
  say('own answers', many.every((own) => own));
  await pool.end();
}

async function orm() {
  const db = knex({ client: 'pg', connection: url, pool: { min: 0, max: 5 } });
  await db.schema.dropTableIfExists('knex_items');
  await db.schema.createTable('knex_items', (t) => {
    t.increments('id');
    t.string('name').notNullable().unique();
    t.integer('price');
  });
  await db.batchInsert('knex_items', Array.from({ length: 100 }, (_, i) => ({ name: 'item ' + i, price: i * 3 })), 30);
  say('sum', await db('knex_items').where('price', '>', 150).sum('price as total').count('* as n'));
  say('returning', await db('knex_items').where({ name: 'item 7' }).update({ price: 1 }).returning(['id', 'price']));
  say('unique', await failure(() => db('knex_items').insert({ name: 'item 7' })));
  say('rolled back', await failure(() => db.transaction(async (t) => {
    await t('knex_items').delete();
    throw new Error('changed my mind');
  })));
  await db.transaction(async (t) => {
    await t('knex_items').where('id', '<', 4).delete();
    say('inside', await t('knex_items').count('* as n'));
    say('nested', await failure(() => t.transaction((inner) => inner.raw('select 1 / 0'))));
  });
  say('left', await db('knex_items').count('* as n'));
  say('columns', Object.keys(await db('knex_items').columnInfo()));
  say('parallel', (await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((i) => db.raw('select ?::int * 2 n', [i])))).map((r) => r.rows[0].n));
  await db.destroy();
}

await postgres();
await orm();
