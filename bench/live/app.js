'use strict';
// A small app that knows nothing of Freshet: items as JSON, and a page that follows them.
const http = require('node:http');
const { Pool } = require('pg');

const pool = new Pool({ max: 8 });
// Each measurement begins with a gateway of its own; connections to the one before just end.
pool.on('error', () => {});
const PAGE = `<!doctype html><title>items</title><script src="/.freshet/live.js"></script><script>
const asked = new URLSearchParams(location.search);
let said = [];
for (let i = 1; i <= asked.get('items'); i++) {
  freshet.live('/api/items/' + i, (item) => said.push(item.seq + ' ' + (performance.timeOrigin + performance.now())));
}
setInterval(() => {
  if (said.length) fetch('http://127.0.0.1:' + asked.get('ear') + '/', { method: 'POST', mode: 'no-cors', body: said.join('\\n') });
  said = [];
}, 200);
</script>`;

http.createServer(async (req, res) => {
  const item = /^\/api\/items\/(\d+)$/.exec(req.url);
  try {
    if (!item) {
      res.setHeader('Content-Type', 'text/html');
      res.end(PAGE);
      return;
    }
    const { rows } = await pool.query('select id, name, description, seq from item where id = $1', [Number(item[1])]);
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify(rows[0]));
  } catch (e) {
    res.statusCode = 500;
    res.end(String(e));
  }
}).listen(Number(process.argv[2]), '127.0.0.1');
