async function get(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(path + ' answered ' + answer.status);
  return answer.json();
}

async function order(path, what) {
  const out = $('#ask pre');
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(what || {}),
    });
    out.textContent = path + ' ' + answer.status + '\n' + (await answer.text());
  } catch (e) {
    out.textContent = path + ': no answer (' + e.message + ')';
  }
  out.scrollIntoView({ block: 'nearest' });
  draw();
}

let turn = 0,
  drawing = false,
  asking = false;
// Plans are asked of the database for these, which may take its time: beside the rest.
async function drawTimeSoon() {
  if (asking) return;
  asking = true;
  try {
    drawTime(await get('/bottlenecks'));
  } catch (e) {
    beside('time', 'can\'t be told: ' + e.message);
  } finally {
    asking = false;
  }
}

async function draw() {
  if (drawing || document.hidden) return;
  drawing = true;
  try {
    const by = $('#statements select').value;
    const [status, routes, pool, statements] = await Promise.all([
      get('/status'),
      get('/routes'),
      get('/pool'),
      get('/statements?limit=20&sort=' + by),
    ]);
    drawTiles(status, routes.routes, pool);
    drawRoutes(routes.routes);
    drawPool(pool);
    drawStatements(statements);
    drawFreshness(status);
    drawPages(status.optimize);
    drawOrigins(status.origins);
    if (turn++ % 5 === 0) drawTimeSoon();
    $('#said').textContent =
      'version ' + status.version + ', up ' + number(status.uptimeSeconds / 60, 1) + ' min';
    $('#said').className = '';
  } catch (e) {
    $('#said').textContent = 'no answer from Freshet: ' + e.message;
    $('#said').className = 'bad';
  } finally {
    drawing = false;
  }
}

const press = (id, action) => $('#' + id).addEventListener('click', action);
press('pause', () => order('/pause'));
press('resume', () => order('/resume'));
press('off', () => order('/optimize', { on: false }));
press('on', () => order('/optimize', { on: true }));
press('reload', () => order('/reload'));
press('forget', async () => {
  await order('/bottlenecks');
  turn = 0;
});
$('#statements select').addEventListener('change', draw);
$('#statements form').addEventListener('submit', e => e.preventDefault());
$('#why').addEventListener('submit', async e => {
  e.preventDefault();
  const out = $('#ask pre');
  try {
    const answer = await fetch('/why?url=' + encodeURIComponent($('#why input').value.trim()));
    out.textContent = await answer.text();
  } catch (e) {
    out.textContent = 'no answer (' + e.message + ')';
  }
});
const which = $('#purge input[type=text]');
$('#purge select').addEventListener('change', e => {
  which.disabled = e.target.value === 'all';
});
$('#purge').addEventListener('submit', e => {
  e.preventDefault();
  const kind = $('#purge select').value,
    value = which.value.trim(),
    what = { soft: $('#purge input[type=checkbox]').checked };
  if (kind === 'all' && !confirm('Everything that is stored?')) return;
  what[kind] = kind === 'all' ? true : kind === 'prefix' ? value : [value];
  order('/purge', what);
});
draw();
setInterval(draw, 2000);
document.addEventListener('visibilitychange', draw);
