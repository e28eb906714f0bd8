'use strict';
// What one writes without Freshet: a trigger that notifies, a server that fetches the row once for each news and sends it to everybody who follows it.
const { WebSocketServer } = require('ws');
const { Client, Pool } = require('pg');

const pool = new Pool({ max: 8 });
const followers = new Map(); // item -> { sockets, isBusy, isStale }
const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 1024, perMessageDeflate: false });

async function row(item) {
  const { rows } = await pool.query({ name: 'item', text: 'select id, name, description, seq from item where id = $1', values: [item] });
  return Buffer.from(JSON.stringify(rows[0]));
}

async function tell(item) {
  const topic = followers.get(item);
  if (!topic) return;
  topic.isStale = true;
  if (topic.isBusy) return;
  topic.isBusy = true;
  while (topic.isStale) {
    topic.isStale = false;
    const now = await row(item);
    for (const socket of topic.sockets) socket.send(now, { binary: false });
  }
  topic.isBusy = false;
}

server.on('connection', (socket) => {
  socket.on('message', async (said) => {
    const item = Number(/\/api\/items\/(\d+)/.exec(said)[1]);
    if (!followers.has(item)) followers.set(item, { sockets: new Set(), isBusy: false, isStale: false });
    followers.get(item).sockets.add(socket);
    socket.on('close', () => followers.get(item).sockets.delete(socket));
    socket.send(await row(item), { binary: false });
  });
});

const ear = new Client();
ear.on('notification', (news) => tell(Number(news.payload)));
ear.connect().then(() => ear.query('listen item_changed'));
