'use strict';
// An ordinary app: it knows nothing of traces. Each route asks the database in another way, with the
// request's number as a parameter.
const http = require('node:http');
const http2 = require('node:http2');
const knexOf = require('knex');
const pg = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');

const pool = new pg.Pool({ max: 3 });
const knex = knexOf({ client: 'pg', connection: {}, pool: { min: 0, max: 3 } });
const ITEM = 'select id, name, $1::text as n from item where id = 1';
const NAMED = Object.freeze({
  name: 'some-items', text: 'select id, $1::text as n from item where id < 4 order by id -- named',
});

class Tagged {
  constructor(parts, values) {
    this.parts = parts;
    this.values = values;
  }

  get text() {
    return this.parts.join('');
  }
}

const routes = {
  async '/promise'(n) {
    return (await pool.query(ITEM, [n])).rows;
  },

  '/callback'(n) {
    return new Promise((resolve, reject) => {
      pool.query(ITEM, [n], (e, first) => {
        if (e) return reject(e);
        pool.query({ text: `select $1::text as again`, values: [n] }, (e2, second) =>
          e2 ? reject(e2) : resolve([first.rows, second.rows]));
      });
    });
  },

  // What had a name needs one text for it on each connection, whatever the trace.
  async '/named'(n) {
    const first = await pool.query({ ...NAMED, values: [n] });
    const second = await pool.query(Object.freeze({ ...NAMED, values: [n] }));
    return [first.rows, second.rows];
  },

  async '/config'(n) {
    const array = await pool.query({ text: ITEM, values: [n], rowMode: 'array' });
    const getters = await pool.query(new Tagged([ITEM], [n]));
    const simple = await pool.query(`select '${n}' as simple; select '${n}' as second -- end`);
    return [array.rows, getters.rows, simple.map((r) => r.rows)];
  },

  async '/transaction'(n) {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('insert into visit (n) values ($1)', [n]);
      const seen = await client.query('select n from visit where n = $1', [n]);
      await client.query('rollback');
      return seen.rows;
    } finally {
      client.release();
    }
  },

  '/cursor'(n) {
    return new Promise((resolve, reject) => {
      pool.connect((e, client, release) => {
        if (e) return reject(e);
        const cursor = client.query(new Cursor('select id, $1::text from item order by id', [n]));
        const rows = [];
        const more = (error, some) => {
          if (error) return reject(error);
          rows.push(...some.map((row) => row.id));
          if (some.length > 0) return cursor.read(7, more);
          cursor.close(() => {
            client.query('select $1::text as after', [n], (e2, after) => {
              release();
              return e2 ? reject(e2) : resolve([rows, after.rows]);
            });
          });
        };
        cursor.read(7, more);
      });
    });
  },

  async '/stream'(n) {
    const client = await pool.connect();
    try {
      const stream = new QueryStream('select id, $1::text from item order by id', [n]);
      const rows = [];
      for await (const row of client.query(stream)) rows.push(row.id);
      return rows;
    } finally {
      client.release();
    }
  },

  '/submittable'(n) {
    return new Promise((resolve, reject) => {
      const query = new pg.Query({ name: 'submitted', text: ITEM, values: [n] });
      query.on('error', reject);
      query.on('end', () =>
        pool.query('select $1::text as ended', [n]).then((r) => resolve(r.rows), reject));
      pool.connect((e, client, release) => {
        if (e) return reject(e);
        query.on('end', release);
        client.query(query);
      });
    });
  },

  async '/knex'(n) {
    const plain = await knex('item').select('name', knex.raw('? as n', [n])).where({ id: 2 });
    const inside = await knex.transaction(async (t) => {
      await t('visit').insert({ n });
      const found = await t('visit').where({ n });
      await t('visit').where({ n }).delete();
      return found;
    });
    return [plain, inside];
  },

  async '/error'(n) {
    const said = await pool.query('select $1::text from nowhere', [n]).catch((e) => e);
    return [said.code, said.message, said.position];
  },

  async '/own'(n, parent) {
    const tag = parent ? ` /*traceparent='${parent}'*/` : '';
    return (await pool.query(ITEM + tag, [n])).rows;
  },

  async '/module'(n) {
    return (await import('./module.mjs')).ask(pool, n);
  },

  // Both ways to hear an HTTP/2 request, asked by a client in this process.
  '/http2'(n, parent) {
    return new Promise((resolve, reject) => {
      const trace = parent ? { traceparent: parent } : {};
      const session = http2.connect(`http://127.0.0.1:${second.address().port}`);
      session.on('error', reject);
      const answers = [];
      for (const path of ['/request', '/stream']) {
        const asked = session.request({ ':path': `${path}?n=${n}`, ...trace });
        let body = '';
        asked.setEncoding('utf8').on('data', (d) => (body += d)).on('end', () => {
          answers.push(path + body);
          if (answers.length === 2) {
            session.close();
            resolve(answers.sort());
          }
        });
      }
    });
  },
};

const second = http2.createServer();
second.on('request', async (req, res) => {
  if (!req.url.startsWith('/request')) return;
  const { rows } = await pool.query(ITEM, [req.url.split('n=')[1]]);
  res.end(JSON.stringify(rows));
});
second.on('stream', async (stream, headers) => {
  if (!headers[':path'].startsWith('/stream')) return;
  const { rows } = await pool.query(ITEM, [headers[':path'].split('n=')[1]]);
  stream.respond({ ':status': 200 });
  stream.end(JSON.stringify(rows));
});

const server = http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://app');
  try {
    const answer = await routes[url.pathname](url.searchParams.get('n'), req.headers.traceparent);
    res.end(JSON.stringify(answer));
  } catch (e) {
    res.statusCode = 500;
    res.end(String(e.stack));
  }
});
second.listen(0, '127.0.0.1', () =>
  server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`)));
