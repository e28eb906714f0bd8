// Figures of the last five minutes, as long as the page is open.
const past = new Map(),
  LENGTH = 150;
function tile(name, value, text, title) {
  if (!past.has(name)) {
    const box = make('div', undefined, 'tile'),
      canvas = make('canvas');
    canvas.width = 300;
    canvas.height = 60;
    box.append(make('small', name), make('b'), canvas);
    $('#tiles').append(box);
    past.set(name, { box, canvas, values: [] });
  }
  const { box, canvas, values } = past.get(name);
  $('b', box).textContent = text;
  box.title = title || '';
  values.push(value);
  if (values.length > LENGTH) values.shift();
  const pen = canvas.getContext('2d'),
    known = values.filter(Number.isFinite),
    top = Math.max(...known, 1e-9);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.beginPath();
  values.forEach((v, i) => {
    if (Number.isFinite(v))
      pen.lineTo(
        ((i + LENGTH - values.length) * canvas.width) / (LENGTH - 1),
        canvas.height - 3 - (v / top) * (canvas.height - 8),
      );
  });
  pen.strokeStyle = '#2a9d8f';
  pen.lineWidth = 2.5;
  pen.stroke();
}

const sum = (lines, of) => lines.reduce((all, one) => all + of(one), 0);
let before = null;

function drawTiles(status, routes, pool) {
  const now = {
    at: performance.now(),
    requests: sum(routes, r => r.requests),
    sent: sum(routes, r => r.sentBytes),
    hits: sum(routes, r => r.requests * r.hitRatio),
    queries: sum(pool.pools || [], p => p.queries),
  };
  const since = before && before.requests <= now.requests ? before : null,
    seconds = since ? (now.at - since.at) / 1000 : 0;
  // What a pool counted goes with it.
  const rate = name =>
    since && since[name] <= now[name] ? (now[name] - since[name]) / seconds : NaN;
  const asked = since ? now.requests - since.requests : 0,
    ratio = asked ? (now.hits - since.hits) / asked : NaN;
  const shown = (x, digits, unit = '') => (Number.isFinite(x) ? number(x, digits) + unit : '-');
  tile(
    'requests/s',
    rate('requests'),
    shown(rate('requests'), 1),
    number(now.requests) + ' since the start',
  );
  tile(
    'hit ratio',
    ratio,
    Number.isFinite(ratio) ? percent(ratio) : '-',
    now.requests ? percent(now.hits / now.requests) + ' since the start' : '',
  );
  tile('MB/s sent', rate('sent') / 1048576, shown(rate('sent') / 1048576, 2));
  tile('client connections', status.connections, number(status.connections));
  tile(
    'at the app',
    sum(status.origins, o => o.active + o.waiting),
    sum(status.origins, o => o.active) + ' + ' + sum(status.origins, o => o.waiting) + ' waiting',
  );
  tile(
    'cache MB',
    status.cache.weight / 1048576,
    number(status.cache.weight / 1048576, 1) + ' of ' + number(status.cache.capacity / 1048576),
    number(status.cache.keys) +
      ' keys, ' +
      number(status.cache.evictions) +
      ' evicted; second tier ' +
      status.cache.second,
  );
  if ((pool.pools || []).length) {
    tile('queries/s', rate('queries'), shown(rate('queries'), 1));
    tile(
      'database connections in use',
      sum(pool.pools, p => p.active),
      sum(pool.pools, p => p.active) +
        ' of ' +
        sum(pool.pools, p => p.size) +
        ', ' +
        sum(pool.pools, p => p.waiting) +
        ' waiting',
    );
  }
  if (status.changes)
    tile(
      'behind the database, ms',
      status.changes.lagMillis,
      shown(status.changes.lagMillis, 2),
      status.changes.state.toLowerCase(),
    );
  if (status.live)
    tile(
      'live clients',
      status.live.clients,
      number(status.live.clients),
      number(status.live.subscriptions) +
        ' subscriptions to ' +
        number(status.live.topics) +
        ' URLs',
    );
  before = now;
}
