package dev.freshet.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// The console's one page: live figures, drawn by a few lines of script from `/status` and
/// `/routes`.
final class Page {
  private static final String POLICY =
      "default-src 'none'; script-src "
          + hashOf("script")
          + "; style-src "
          + hashOf("style")
          + "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private Page() {}

  /// The Content-Security-Policy: the script and style below run, by their hash, and nothing else.
  static String policy() {
    return POLICY;
  }

  private static String hashOf(String tag) {
    String page = html();
    int from = page.indexOf("<" + tag + ">") + tag.length() + 2;
    byte[] text = page.substring(from, page.indexOf("</" + tag + ">")).getBytes(UTF_8);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static String html() {
    return """
    <!doctype html>
    <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>Freshet</title>
    <style>
    :root{color-scheme:light dark;--line:#8884}
    body{font:15px/1.5 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1.2em}
    h1{font-size:1.4em} h2{font-size:1.05em;margin-top:2em}
    table{border-collapse:collapse;width:100%} th,td{padding:.35em .7em;border-bottom:1px solid var(--line);text-align:right}
    th:first-child,td:first-child{text-align:left;font-family:ui-monospace,monospace}
    th{font-weight:600} .big{display:flex;gap:2.5em;flex-wrap:wrap} .big div{font-size:1.6em} .big small{display:block;font-size:.55em;opacity:.7}
    .words td{text-align:left;vertical-align:top} .wide{overflow-x:auto} code{font-family:ui-monospace,monospace} .bar{display:inline-block;height:.6em;background:#2a9d8f;border-radius:2px;vertical-align:middle}
    </style>
    <h1>Freshet</h1>
    <div class="big" id="big">loading ...</div>
    <h2>Routes</h2>
    <div class="wide"><table><thead><tr><th>route<th>requests<th>hit ratio<th>p50 ms<th>p95 ms<th>p99 ms<th>MB sent<th>why not stored</thead><tbody id="routes"></tbody></table></div>
    <h2>Origins</h2>
    <div class="wide"><table><thead id="figures"></thead><tbody id="origins"></tbody></table></div>
    <h2>Pages and files made better</h2>
    <div class="wide"><table class="words"><tbody id="optimize"></tbody></table></div>
    <h2>More</h2>
    <p><code>GET <a href="/metrics">/metrics</a></code> for Prometheus,
    <code>GET <a href="/status">/status</a></code>, <code>GET <a href="/routes">/routes</a></code>,
    <code>GET <a href="/pool">/pool</a></code>, <code>GET <a href="/statements">/statements?sort=time&amp;limit=50</a></code>,
    <code>GET <a href="/bottlenecks">/bottlenecks</a></code>,
    <code>POST /purge</code>, <code>POST /reload</code>,
    <code>POST /optimize</code>, <code>GET <a href="/recording">/recording</a></code>,
    <code>GET <a href="/warm">/warm</a></code>. From a shell: <code>freshet purge --help</code>.</p>
    <script>
    const text = (tag, s) => { const e = document.createElement(tag); e.textContent = s; return e };
    const row = (...cells) => { const tr = document.createElement('tr'); cells.forEach(c => tr.append(c instanceof Node ? c : text('td', c))); return tr };
    const n = (x, d = 0) => Number(x).toLocaleString('en', {maximumFractionDigits: d, minimumFractionDigits: d});
    const words = v => Array.isArray(v) ? v.map(words).join(', ') || 'none' : v instanceof Object
      ? Object.entries(v).map(([k, one]) => k + ' ' + (one instanceof Object ? '(' + words(one) + ')' : words(one))).join(', ') || 'none'
      : Number.isFinite(v) ? n(v) : v === true ? 'yes' : v === false ? 'no' : v;
    async function draw() {
      const [status, routes] = await Promise.all(['/status', '/routes'].map(u => fetch(u).then(r => r.json())));
      const big = document.getElementById('big'); big.replaceChildren();
      const all = routes.routes.reduce((s, r) => s + r.requests, 0);
      const hits = routes.routes.reduce((s, r) => s + r.requests * r.hitRatio, 0);
      for (const [name, value] of [['requests', n(all)], ['hit ratio', all ? n(100 * hits / all, 1) + ' %' : '-'],
        ['connections', n(status.connections)], ['keys stored', n(status.cache.keys)],
        ['cache MB of ' + n(status.cache.capacity / 1048576), n(status.cache.weight / 1048576, 1)], ['second tier', status.cache.second]]) {
        const d = text('div', value); d.append(text('small', name)); big.append(d);
      }
      const body = document.getElementById('routes'); body.replaceChildren();
      for (const r of routes.routes) {
        const ratio = text('td', n(100 * r.hitRatio, 1) + ' % ');
        const bar = document.createElement('span'); bar.className = 'bar'; bar.style.width = (40 * r.hitRatio) + 'px'; ratio.append(bar);
        body.append(row(r.route, n(r.requests), ratio, n(r.p50Millis, 2), n(r.p95Millis, 2), n(r.p99Millis, 2), n(r.sentBytes / 1048576, 1),
          Object.entries(r.notStored).map(([k, v]) => k + ' ' + n(v)).join(', ')));
      }
      const better = Object.entries(status.optimize || {});
      document.getElementById('optimize').replaceChildren(...better.map(([k, v]) => row(k, words(v))));
      const origins = document.getElementById('origins'); origins.replaceChildren();
      document.getElementById('figures').replaceChildren(row(...Object.keys(status.origins[0] || {}).map(k => text('th', k.replace('Millis', ' ms')))));
      for (const o of status.origins) origins.append(row(...Object.values(o).map(v =>
        v instanceof Object ? Object.entries(v).map(([a, b]) => a + ' ' + b).join(', ') || 'none' : Number.isFinite(v) ? n(v, Number.isInteger(v) ? 0 : 2) : v)));
    }
    draw(); setInterval(() => draw().catch(() => {}), 2000);
    </script>
    </html>
    """;
  }
}
