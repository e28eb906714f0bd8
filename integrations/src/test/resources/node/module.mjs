import pg from 'pg';

const { Client } = pg;

export async function ask(pool, n) {
  const client = new Client();
  await client.connect();
  try {
    const mine = await client.query('select $1::text as mine', [n]);
    const shared = await pool.query('select $1::text as shared', [n]);
    return [mine.rows, shared.rows];
  } finally {
    await client.end();
  }
}
