function drawRoutes(routes) {
  fill(
    'routes',
    routes.map(r =>
      line(
        r.route,
        number(r.requests),
        withBar(percent(r.hitRatio), r.hitRatio),
        number(r.p50Millis, 2),
        number(r.p95Millis, 2),
        number(r.p99Millis, 2),
        number(r.sentBytes / 1048576, 1),
        cell(most(r.notStored), 'words'),
      ),
    ),
    'no request yet',
  );
}

function drawPool(pool) {
  fill(
    'pool',
    (pool.pools || []).map(p =>
      line(
        p.database +
          ', ' +
          p.user +
          (p.replica ? ' at ' + p.replica : '') +
          (p.paused ? ' (paused)' : ''),
        number(p.active),
        number(p.idle),
        number(p.size),
        cell(number(p.waiting), p.waiting ? 'warn' : ''),
        number(p.waitP50Millis, 2),
        number(p.waitP99Millis, 2),
        withBar(percent(p.utilisation), p.utilisation),
        number(p.reuse, 1),
        p.sizing && p.sizing.checkouts ? number(p.sizing.enough) : '-',
      ),
    ),
    'there is no gateway, or nobody has come to it: freshet run --database',
  );
  beside('pool', pool.listen ? pool.listen + ', ' + number(pool.clients) + ' clients' : '');
  const r = pool.results,
    notes = [];
  if (pool.listen) notes.push('Kept to one client: ' + (counts(pool.pins) || 'none') + '.');
  if (r && r.hits + r.misses > 0)
    notes.push(
      'Results from memory: ' +
        percent(r.hits / (r.hits + r.misses + r.joined)) +
        ' of ' +
        number(r.hits + r.misses + r.joined) +
        ' questions, ' +
        number(r.bytes / 1048576, 1) +
        ' MB of ' +
        number(r.capacity / 1048576) +
        '.',
    );
  $('#pool p').textContent = notes.join(' ');
}

function drawStatements(told) {
  const all = told.totalMillis || 0;
  fill(
    'statements',
    (told.statements || []).map(s =>
      line(
        cell(s.text, 'sql'),
        withBar(percent(all ? s.totalMillis / all : 0), all ? s.totalMillis / all : 0),
        number(s.calls),
        number(s.meanMillis, 2),
        number(s.p99Millis, 2),
        number(s.rows),
        percent(s.calls ? s.hits / s.calls : 0),
        cell(s.cacheable, 'words'),
        cell(most(s.routes), 'words'),
        cell(
          s.repeated && s.repeated.requests
            ? 'up to ' + number(s.repeated.most) + ' a request'
            : '',
          s.repeated && s.repeated.requests ? 'warn' : '',
        ),
      ),
    ),
    'no statement yet',
  );
  beside(
    'statements',
    told.calls ? number(told.calls) + ' calls, ' + number(told.followed) + ' kinds' : '',
  );
}

function drawTime(told) {
  fill(
    'time',
    (told.bottlenecks || []).slice(0, 12).map(b => {
      const what = cell(b.says, 'words');
      if (b.statement) what.append(make('br'), make('code', b.statement));
      (b.plan || []).forEach(p => what.append(make('br'), p));
      return line(
        b.route,
        withBar(percent(b.shareOfAll), b.shareOfAll),
        number(b.millisPerTrip, 1),
        what,
        cell(b.remedy, 'words'),
      );
    }),
    told.isMeasured ? 'nothing stands out' : 'nothing measured yet',
  );
  const indexes = told.indexes || [];
  $('#time pre').textContent = indexes
    .flatMap(i => [
      '-- ' +
        i.table +
        ' (' +
        i.column +
        '), ' +
        number(i.rows) +
        ' rows: for statements that took ' +
        number(i.millis) +
        ' ms in all',
      ...i.statements.map(s => '--   ' + s.replace(/\s*\n\s*/g, ' ')),
      i.sql + ';',
    ])
    .join('\n');
  $('#time p').textContent = indexes.length
    ? 'Indexes that the database lacks, as a script; each costs the writes to its table something:'
    : '';
  beside('time', 'of ' + number(told.trips || 0) + ' requests that went to the app, largest first');
}

const say = (id, lines) => {
  const p = lines.map(([text, kind]) => make('div', text, kind));
  $('#' + id + ' div').replaceChildren(...p);
};

function drawFreshness(status) {
  const c = status.changes,
    lines = [];
  if (!c) {
    beside('freshness', 'off');
    say('freshness', [
      ['Without a database there are no answers by rows: freshet run --database', 'none'],
    ]);
    return;
  }
  const well = c.state === 'ATTACHED';
  beside(
    'freshness',
    c.state.toLowerCase() + ' to ' + c.database + ' (PostgreSQL ' + c.server + ')',
  );
  lines.push([
    well
      ? 'Follows ' +
        c.covered +
        ' tables up to ' +
        c.published +
        ', ' +
        number(c.lagMillis, 2) +
        ' ms behind' +
        (c.attachments > 1 ? '; attached anew ' + (c.attachments - 1) + ' times.' : '.')
      : 'Not attached: nothing is served on the strength of rows.',
    well ? 'good' : 'bad',
  ]);
  if (c.others) lines.push([c.others + ' other nodes follow the same database.']);
  if (c.uncovered.length)
    lines.push([
      'Not followed, so nothing made from them is kept: ' + c.uncovered.join(', '),
      'warn',
    ]);
  c.troubles.forEach(t =>
    lines.push([t instanceof Object ? Object.values(t).join('; ') : t, 'bad']),
  );
  status.visitorTables.forEach(t => lines.push([t instanceof Object ? counts(t) : t, 'warn']));
  ((status.traces || {}).apps || []).forEach(a => {
    const traced = a.byComment + a.byTransaction + a.byApplicationName;
    lines.push([
      a.name +
        ': ' +
        number(traced) +
        ' statements say which request they belong to, ' +
        number(a.without) +
        ' do not' +
        (a.lastWithout ? ' (last: ' + a.lastWithout + ')' : ''),
      traced ? '' : 'warn',
    ]);
  });
  say('freshness', lines);
}

function drawPages(o) {
  if (!o) return;
  beside('pages', o.on ? 'optimize: ' + o.level : 'off');
  const f = o.forms || {},
    checks = o.checks || {},
    b = o.browsers || {},
    left = Object.entries(f.refused || {}).filter(([, n]) => n);
  say('pages', [
    [
      number(o.pages) +
        ' pages rewritten: ' +
        number(o.lazy) +
        ' pictures wait, ' +
        number(o.sized) +
        ' got their size, ' +
        number(o.first) +
        ' come first, ' +
        number(o.named) +
        ' files by content, ' +
        number(o.critical) +
        ' sheets need not be waited for, ' +
        number(o.ahead) +
        ' files asked for ahead.',
    ],
    [
      'Checked by a second parser: ' +
        number(checks.same || 0) +
        ' the same, ' +
        number(checks.different || 0) +
        ' not' +
        (checks.allOff
          ? '; ended for all pages'
          : Object.keys(checks.off || {}).length
            ? '; ended for ' + Object.keys(checks.off).join(', ')
            : '') +
        '.',
      checks.different ? 'warn' : '',
    ],
    [
      'Smaller forms: ' +
        ['avif', 'webp', 'fitted', 'lean', 'minified']
          .map(k => k + ' ' + number(f[k] || 0))
          .join(', ') +
        '; ' +
        number((f.savedBytes || 0) / 1048576, 1) +
        ' MB saved by one of each; ' +
        number(f.waiting || 0) +
        ' waiting (' +
        f.pictures +
        ').',
    ],
    [
      'Left as they are: ' +
        (counts(Object.fromEntries(left.sort((x, y) => y[1] - x[1]))) || 'none') +
        '.' +
        (f.trouble ? ' ' + f.trouble : ''),
      f.trouble ? 'warn' : '',
    ],
    [
      'Sent as what differs: ' +
        number(b.differences || 0) +
        ' answers, ' +
        number((b.savedBytes || 0) / 1048576, 1) +
        ' MB saved, ' +
        number((b.dictionaryBytes || 0) / 1048576, 1) +
        ' MB of dictionaries. Early hints: ' +
        number(b.earlyHints || 0) +
        ' pages. Fetched ahead: ' +
        number(b.aheadGiven || 0) +
        ' from memory, ' +
        number(b.aheadRefused || 0) +
        ' refused.',
    ],
    [
      'Service worker ' +
        ((o.serviceWorker || {}).on ? 'on, ' + o.serviceWorker.assets + ' files' : 'off') +
        '.',
    ],
  ]);
}

function drawOrigins(origins) {
  const names = Object.keys(origins[0] || {}),
    head = make('tr');
  head.append(...names.map(k => make('th', k.replace('Millis', ' ms'))));
  $('#origins thead').replaceChildren(head);
  fill(
    'origins',
    origins.map(o =>
      line(
        ...Object.values(o).map(v =>
          v instanceof Object
            ? counts(v) || 'none'
            : Number.isFinite(v)
              ? number(v, Number.isInteger(v) ? 0 : 2)
              : cell(v, v === 'up' ? 'good' : v === 'down' ? 'bad' : ''),
        ),
      ),
    ),
    'none',
  );
}
