/*
 * freshet.live(url, callback, options): calls back with what the URL answers, now and whenever it
 * changes. Returns a function that stops it. options.as: "body" (default), "patch" (the callback
 * still gets the whole, only less is sent), "notice" (the callback gets the version alone);
 * options.error: called with {reason, status} when the app doesn't give the URL to this page.
 *
 * One channel for the page: a WebSocket; where that can't be had an event stream; where that can't
 * be had either, or Freshet has nothing to tell, the page asks by itself, with validators.
 *
 * freshet.current(url): the version of what a URL answers that is followed, as long as the channel
 * is open and has been heard from; null else. freshet.followed(): the URLs.
 */
(function () {
  "use strict";
  var POLL = 5000, SILENCE = 90000, MAX_WAIT = 30000, SURE = 35000;
  var path = "/.freshet/live";
  var subs = new Map(); // url -> { calls, as, version, body, poll, refused, state }
  var line = null; // what is open: { send, close }
  var kind = 0; // 0 WebSocket, 1 event stream, 2 polling alone
  var failures = 0, timer = 0, watch = 0, heard = 0, paused = false, tag = 0;

  function live(url, callback, options) {
    options = options || {};
    url = new URL(url, location.href);
    if (url.origin !== location.origin) {
      throw new TypeError("freshet.live: " + url + " is not of this site; follow a path, as /api/products/42");
    }
    url = url.pathname + url.search;
    var as = options.as || "body";
    var sub = subs.get(url);
    var call = { back: callback, error: options.error, bare: as === "notice" };
    if (!sub) {
      subs.set(url, (sub = { url: url, calls: [], as: as }));
      if (line) line.add(sub);
      else connect();
    } else {
      if (sub.as === "notice" && !call.bare) {
        // The channel has told no body so far.
        sub.as = as;
        sub.version = sub.state = undefined;
        if (line) line.add(sub);
      }
      if (known(sub, call)) one(call, sub);
    }
    sub.calls.push(call);
    return function () {
      sub.calls = sub.calls.filter(function (c) { return c !== call; });
      if (!sub.calls.length && subs.get(url) === sub) {
        subs.delete(url);
        polling(sub, false);
        if (line) line.drop(sub);
      }
    };
  }

  function known(sub, call) {
    return call.bare ? "stamp" in sub : "value" in sub;
  }

  /* What a callback throws is for the console, and no reason to leave out the others. */
  function safely(f, a, b) {
    try { f(a, b); } catch (e) { setTimeout(function () { throw e; }); }
  }

  function one(call, sub) {
    safely(call.back, call.bare ? sub.stamp : sub.value, sub);
  }

  function tell(sub, version, stamp, value) {
    var isNew = sub.stamp !== stamp;
    var isOther = value !== undefined && !("value" in sub && JSON.stringify(sub.value) === JSON.stringify(value));
    sub.version = version;
    sub.stamp = stamp;
    if (isOther) sub.value = value;
    sub.calls.forEach(function (c) { if (c.bare ? isNew : isOther) one(c, sub); });
  }

  /* Once for each URL, where people look who wonder why nothing happens at once. */
  function warn(sub, e) {
    if (sub.warned || !window.console) return;
    sub.warned = true;
    console.warn("freshet.live: " + sub.url + " can't be followed: " + [e.reason, e.status, e.detail].filter(Boolean).join(", ") +
      (sub.poll ? "; the page asks every " + POLL / 1000 + " s instead" : ""));
  }

  function current(url) {
    var sub = subs.get(url);
    return sub && line && !paused && Date.now() - heard < SURE ? sub.state || null : null;
  }

  /* From here on only what is told anew is known to be current. */
  function unsure(urls) {
    subs.forEach(function (s) { if (!urls || urls.indexOf(s.url) >= 0) s.state = null; });
  }

  function hear(text) {
    var e = JSON.parse(text);
    heard = Date.now();
    clearTimeout(watch);
    watch = setTimeout(function () { if (line) line.close(); lost(); }, SILENCE);
    if (e.event === "paused" || e.event === "resumed") {
      paused = e.event === "paused";
      unsure();
      subs.forEach(function (s) { polling(s, paused || s.refused); });
    }
    if (e.event === "resync") unsure(e.urls);
    var sub = subs.get(e.url);
    if (!sub) return;
    sub.state = e.version;
    // The service worker, where there is one, hears of it before the page asks again.
    if (e.version && window.freshet.told) window.freshet.told(e.url, e.version);
    switch (e.event) {
      case "subscribed":
      case "body":
      case "notice":
        sub.refused = false;
        polling(sub, false);
        if ("body" in e) sub.body = e.body;
        if (sub.as === "notice") tell(sub, e.version, e.version);
        else if ("body" in e) tell(sub, e.version, e.version, e.body);
        break;
      case "patch":
        if (e.from === sub.version) tell(sub, e.version, e.version, (sub.body = patched(sub.body, e.patch)));
        else { sub.version = sub.state = undefined; line.add(sub); }
        break;
      case "refused":
      case "ended":
        sub.refused = true;
        // The app is not itself: as soon as it answers, the channel may.
        sub.again = e.reason === "unreachable" || e.status >= 500 || e.status === 429;
        if (!sub.again && (e.reason === "status" || e.reason === "bad-url")) {
          sub.calls.forEach(function (c) { if (c.error) safely(c.error, e); });
        } else polling(sub, true);
        warn(sub, e);
    }
  }

  /* RFC 6902, as far as Freshet uses it: add, remove, replace. The old value stays as it is. */
  function patched(value, patch) {
    var root = { r: JSON.parse(JSON.stringify(value)) };
    patch.forEach(function (op) {
      var keys = ("/r" + op.path).split("/").slice(1).map(function (k) {
        return k.replace(/~1/g, "/").replace(/~0/g, "~");
      });
      var last = keys.pop();
      var at = keys.reduce(function (o, k) { return o[k]; }, root);
      if (Array.isArray(at) && op.op !== "replace") {
        if (op.op === "add") at.splice(+last, 0, op.value);
        else at.splice(+last, 1);
      } else if (op.op === "remove") delete at[last];
      else at[last] = op.value;
    });
    return root.r;
  }

  /* ---- the channel ---- */

  function connect() {
    clearTimeout(timer);
    timer = 0;
    if (!subs.size || line) return;
    if (kind === 0 && window.WebSocket) socket();
    else if (kind < 2 && window.EventSource) stream();
    else {
      subs.forEach(function (s) { polling(s, true); });
      kind = 0;
      timer = setTimeout(connect, MAX_WAIT * (1 + Math.random()));
    }
  }

  function lost() {
    clearTimeout(watch);
    line = null;
    paused = false;
    unsure();
    subs.forEach(function (s) { if (s.refused) polling(s, true); });
    failures++;
    if (failures > 2) { kind++; failures = kind < 2 ? 1 : 0; }
    if (!timer) {
      var wait = Math.min(MAX_WAIT, 250 * Math.pow(2, failures));
      timer = setTimeout(connect, wait * (0.5 + Math.random()));
    }
  }

  function socket() {
    var ws = new WebSocket(location.origin.replace(/^http/, "ws") + path);
    var mine = (line = {
      add: function (s) {
        if (ws.readyState !== 1) return;
        var m = { subscribe: [s.url], as: s.as, have: {} };
        if (s.version) m.have[s.url] = s.version;
        ws.send(JSON.stringify(m));
      },
      drop: function (s) {
        if (ws.readyState === 1) ws.send(JSON.stringify({ unsubscribe: [s.url] }));
      },
      close: function () { ws.onclose = null; ws.close(); }
    });
    ws.onopen = function () { subs.forEach(mine.add); };
    ws.onmessage = function (m) { failures = 0; hear(m.data); };
    ws.onclose = function () { if (line === mine) lost(); };
  }

  function stream() {
    var mine, es, due = 0;
    function open() {
      due = 0;
      if (es) es.close();
      if (!subs.size) { line = null; return; }
      var all = Array.from(subs.values());
      var as = all.some(function (s) { return s.as !== "notice"; }) ? "body" : "notice";
      es = new EventSource(path + "?as=" + as + all.map(function (s) {
        return "&url=" + encodeURIComponent(s.url);
      }).join("") + "&have=" + all.map(function (s) { return s.version || "-"; }).join("."));
      es.onmessage = function (m) { failures = 0; hear(m.data); };
      es.onerror = function () { es.close(); if (line === mine) lost(); };
    }
    function soon() { if (!due) due = setTimeout(open, 10); }
    mine = line = {
      add: soon,
      drop: soon,
      close: function () { clearTimeout(due); if (es) es.close(); }
    };
    open();
  }

  /* ---- asking by oneself ---- */

  function polling(sub, on) {
    if (on && !sub.poll) {
      sub.poll = setTimeout(function ask() {
        fetch(sub.url, { credentials: "same-origin", cache: "no-cache" }).then(function (r) {
          if (!r.ok) throw r;
          var json = /json/.test(r.headers.get("content-type"));
          return r.text().then(function (text) {
            if (sub.poll && text !== sub.text) {
              sub.text = text;
              sub.body = json ? JSON.parse(text) : text;
              // Without a version: the channel will tell the state anew.
              tell(sub, undefined, ++tag, sub.body);
            }
            if (sub.poll && sub.again && line) {
              sub.again = false;
              line.add(sub);
            }
          });
        }).catch(function () {}).then(function () {
          if (sub.poll) sub.poll = setTimeout(ask, POLL * (0.8 + 0.4 * Math.random()));
        });
      }, 0);
    } else if (!on && sub.poll) {
      clearTimeout(sub.poll);
      sub.poll = 0;
      // The channel tells from here on.
      sub.text = undefined;
      if (sub.as === "notice") delete sub.value;
    }
  }

  window.freshet = window.freshet || {};
  window.freshet.live = live;
  window.freshet.current = current;
  window.freshet.followed = function () { return Array.from(subs.keys()); };
})();
