/*
 * What stands between the site's pages and the network, in the browser. It never makes an answer
 * older than the network would give:
 *
 * - Pages always come from the network. Only when that can't be reached there is the offline page.
 * - Static assets are used from here while Freshet itself would answer with the same octets from
 *   its memory: it says so in the list, which is asked for with each page view. What everybody may
 *   have is in the list, and nothing else; it is fetched without cookies.
 * - Answers made from rows are used from here while the page that asks hears from the live channel
 *   that they are current. The page is asked each time, and what it says is compared with a digest
 *   of the content. Everything else goes to the network, where the browser's own cache validates.
 *
 * All that it does not know to be one of these passes it by: streams in particular, which would
 * keep it from being replaced.
 */
"use strict";
const LIST = "/.freshet/sw-manifest.json";
const NAMES = "freshet-";
const MINE = NAMES + FRESHET.version + "-";
const REVISION = "freshet-revision", STATE = "freshet-state", OCTETS = "freshet-octets";

/* Freshet lists what stays good for longer than this, in milliseconds. */
const VOUCHED = 30000;
const REVISION_OCTETS = 9, STATE_OCTETS = 8;
const ASSETS = ["script", "style", "font"];
const PATIENCE = 2000, PAGE_PATIENCE = 100;

/* Longer than a write takes, in milliseconds: Freshet waits a minute for the app. */
const UNSETTLED = 90000;
const WRITTEN = "/.freshet/written";
const MOST_FOLLOWED = 500, MOST_AT_ONCE = 4;

let list = new Map(); // path -> { revision, ahead, revalidate }
const followed = new Map(); // path -> the version that a page told last
const silent = new Set(); // pages that did not answer
const refused = new Set(); // revisions of paths whose answers may not be kept after all
let isReady = false, isReachable = true, isGone = false;
let isOfflineKept = false;
let isMissing = false; // whether pages used assets that are not in the list
let checkedAt = 0, writtenAt = 0, checking = null, loading = null;
let doubts = 0; // how often a list that is under way was made one from before
let fetching = Promise.resolve(); // the last that was begun

const own = () => open("own");
const fixed = shelf("fixed", FRESHET.entries, FRESHET.octets);
const exact = shelf("exact", 100, FRESHET.octets / 4);

/* ---- what is kept ---- */

/* Another worker is there, or none is wanted: what this one would still put down nobody clears. */
function isOver() {
  return isGone || (self.serviceWorker && self.serviceWorker.state === "redundant");
}

async function open(name) {
  if (isOver()) throw new Error("over");
  const cache = await caches.open(MINE + name);
  if (isOver()) {
    // It may have been cleared meanwhile, and would be there again.
    await caches.delete(MINE + name);
    throw new Error("over");
  }
  return cache;
}

/* Holds a cache within its bounds: what was put there longest ago goes first. */
function shelf(name, entries, octets) {
  let opened = null, total = 0;
  const sizes = new Map();
  async function look() {
    const cache = await open(name);
    for (const key of await cache.keys()) {
      const kept = await cache.match(key, { ignoreVary: true });
      const size = Number(kept && kept.headers.get(OCTETS)) || 0;
      sizes.set(pathOf(key.url), size);
      total += size;
    }
    return cache;
  }
  const cache = () => opened || (opened = look());
  /* Counted in the same turn in which the cache is asked: who comes at the same time is before it
     or after it in both. */
  function uncount(path) {
    total -= sizes.get(path) || 0;
    sizes.delete(path);
  }
  async function remove(path) {
    const from = await cache();
    uncount(path);
    await from.delete(path, { ignoreVary: true });
  }
  return {
    get: async (path) => (await cache()).match(path, { ignoreVary: true }),
    paths: async () => { await cache(); return [...sizes.keys()]; },
    remove,
    async put(path, answer, content, label, value) {
      if (content.byteLength > octets / 4 || isOver()) return;
      const headers = new Headers(answer.headers);
      headers.delete("Content-Encoding");
      headers.delete("Content-Length");
      headers.set(label, value);
      headers.set(OCTETS, content.byteLength);
      const to = await cache();
      uncount(path);
      sizes.set(path, content.byteLength);
      total += content.byteLength;
      await to.put(path, new Response(content, { headers }));
      while (sizes.size > 0 && (sizes.size > entries || total > octets)) {
        await remove(sizes.keys().next().value);
      }
    }
  };
}

function pathOf(url) {
  const parts = new URL(url, self.location);
  return parts.pathname + parts.search;
}

/* Said to be for everybody: a second look at what Freshet has looked at. */
function isPublic(answer) {
  const control = (answer.headers.get("Cache-Control") || "").toLowerCase();
  const vary = (answer.headers.get("Vary") || "").toLowerCase();
  return answer.status === 200 && answer.type === "basic" && !answer.redirected
      && !/private|no-store/.test(control)
      && vary.split(",").every((name) => ["", "accept-encoding"].includes(name.trim()));
}

/* What a worker before this one, or this one before it was stopped, knew. */
function memory() {
  return loading || (loading = (async () => {
    try {
      const known = await (await own()).match(LIST);
      if (known && !checkedAt) list = read(await known.json());
      const written = await (await own()).match(WRITTEN);
      if (written) writtenAt = Math.max(writtenAt, Number(await written.text()) || 0);
      for (const path of await exact.paths()) followed.set(path, "");
      // What they follow and nothing is kept of only they know.
      for (const page of await self.clients.matchAll()) page.postMessage({ freshet: "follow" });
    } catch (e) { /* Then there is nothing. */ }
    isReady = true;
  })());
}

function read(told) {
  return new Map(told.assets.map(([path, revision, flags]) =>
    [path, { revision, ahead: (flags & 1) > 0, revalidate: (flags & 2) > 0 }]));
}

/* ---- the list ---- */

/* A list that was asked for before a page or a write vouches for nothing after it. */
function doubt() {
  checkedAt = 0;
  checking = null;
  doubts++;
}

function check() {
  if (Date.now() - checkedAt < VOUCHED) return Promise.resolve();
  if (!checking) {
    const mine = look().finally(() => { if (checking === mine) checking = null; });
    checking = mine;
  }
  return checking;
}

/* Who has waited for a list that is from before by now waits once more, and no longer. */
async function vouch() {
  const since = doubts;
  await check();
  if (since !== doubts) await check();
}

async function look() {
  const at = Date.now(), since = doubts;
  await memory();
  let answer;
  try {
    answer = await fetch(LIST, {
      cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(PATIENCE)
    });
  } catch (e) {
    // Slow is not away: what was kept before is not used for that.
    if (since === doubts) isReachable = e.name === "TimeoutError";
    return;
  }
  const text = await answer.text();
  let found = null;
  try {
    if (answer.status < 500) found = read(JSON.parse(text));
  } catch (e) {
    // Turned off, or there is no Freshet any more and the app says something else.
    await leave();
    return;
  }
  if (since !== doubts) return;
  isReachable = true;
  if (!found) return;
  list = found;
  checkedAt = at;
  await own().then((cache) => cache.put(LIST, new Response(text))).catch(() => {});
}

/* The site does without a worker from now on. */
async function leave() {
  isGone = true;
  await empty(NAMES);
  await self.registration.unregister();
}

async function empty(beginning, but) {
  for (const name of await caches.keys()) {
    if (name.startsWith(beginning) && !(but && name.startsWith(but))) await caches.delete(name);
  }
}

/* ---- static assets ---- */

async function asset(event, path) {
  const [kept] = await Promise.all([fixed.get(path), vouch()]);
  const told = list.get(path);
  // The list alone may be what can't be had: blocked, or lost once. The page is new all the same.
  if (kept && !isReachable) return fetch(event.request).catch(() => kept);
  const isVouched = told && Date.now() - checkedAt < VOUCHED;
  if (kept && isVouched && kept.headers.get(REVISION) === told.revision) {
    if (told.revalidate) event.waitUntil(keep(path, told.revision).catch(() => {}));
    return kept;
  }
  if (isVouched) {
    const accept = event.request.headers.get("Accept");
    const answer = await ask(path, told.revision, accept).catch(() => null);
    if (answer) {
      event.waitUntil(store(path, told.revision, answer.clone()).catch(() => {}));
      return answer;
    }
  }
  return fetch(event.request);
}

/* Without cookies, so that nothing in it can be meant for one visitor. The browser's own cache
   validates it; Freshet's memory is good enough. Null where it may not be kept. */
async function ask(path, revision, accept) {
  if (refused.has(path + " " + revision)) return null;
  const answer = await fetch(path, {
    credentials: "omit", cache: "no-cache",
    headers: { "Cache-Control": "max-age=31536000", "Accept": accept || "*/*" }
  });
  if (isPublic(answer)) return answer;
  refused.add(path + " " + revision);
  return null;
}

/* The list and the content need not come from the same node, nor from the same moment, and what is
   between may change the content: under a revision is kept only what has it. */
async function store(path, revision, answer) {
  const content = await answer.arrayBuffer();
  if (await named(content, REVISION_OCTETS) === revision) {
    await fixed.put(path, answer, content, REVISION, revision);
  } else refused.add(path + " " + revision);
}

async function keep(path, revision) {
  const answer = await ask(path, revision);
  if (answer) await store(path, revision, answer);
}

/* One after the other: a page says twice that it is loaded when a worker takes it over meanwhile, and
   what was fetched for the first need not be for the second. */
function ahead() {
  return fetching = fetching.then(fetchAhead, fetchAhead);
}

/* Each on its own: one that can't be had is missing, and nothing else. */
async function fetchAhead() {
  if (isOver()) return;
  await empty(NAMES, MINE); // what the one before put down in its last moment
  if (!isOfflineKept) await keepOffline().catch(() => { /* A line of text will do. */ });
  // By now Freshet has seen them.
  if (isMissing) doubt();
  isMissing = false;
  await check();
  const wanted = [...list].filter(([, told]) => told.ahead).values();
  async function work() {
    for (const [path, told] of wanted) {
      try {
        const kept = await fixed.get(path);
        if (!kept || kept.headers.get(REVISION) !== told.revision) await keep(path, told.revision);
      } catch (e) { /* It comes with the page that needs it. */ }
    }
  }
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
}

async function keepOffline() {
  const answer = await fetch(FRESHET.offline, { credentials: "omit", cache: "no-cache" });
  if (!answer.ok) return;
  await (await own()).put(FRESHET.offline, answer);
  isOfflineKept = true;
}

/* ---- answers made from rows ---- */

async function state(event, path) {
  const [kept, version] = await Promise.all([exact.get(path), current(event.clientId, path)]);
  const isSettled = Date.now() - writtenAt > UNSETTLED;
  if (kept && version && isSettled && kept.headers.get(STATE) === version) return kept;
  const answer = await fetch(event.request);
  const control = answer.headers.get("Cache-Control") || "";
  // So Freshet marks what everybody may have as long as its rows stay as they are.
  if (version && isPublic(answer) && /no-cache/.test(control)) {
    event.waitUntil(remember(path, answer.clone()).catch(() => {}));
  }
  return answer;
}

async function remember(path, answer) {
  const content = await answer.arrayBuffer();
  const version = await digest(answer, content);
  await exact.put(path, answer, content, STATE, version);
}

/* Whoever has the answer to a write sees what was written, and the channel may tell it a moment
   later: for a while the network is asked, which knows. */
async function written() {
  doubt();
  writtenAt = Date.now();
  await own().then((cache) => cache.put(WRITTEN, new Response(String(writtenAt)))).catch(() => {});
}

/* As the live channel names states: the same for the same answer. */
async function digest(answer, content) {
  const head = new TextEncoder().encode(
    answer.status + " " + (answer.headers.get("Content-Type") || "") + "\n");
  const all = new Uint8Array(head.length + content.byteLength);
  all.set(head);
  all.set(new Uint8Array(content), head.length);
  return named(all, STATE_OCTETS);
}

/* A content's name of so many octets. */
async function named(content, octets) {
  const all = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return btoa(String.fromCharCode(...all.slice(0, octets)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/* Which version of the answer the page that asks knows to be current; null where it can't say.
   It is asked after it has asked, so it knows all that it knew then. */
async function current(id, path) {
  const page = id && !silent.has(id) ? await self.clients.get(id) : null;
  if (!page) return null;
  return new Promise((done) => {
    const line = new MessageChannel();
    const timer = setTimeout(() => {
      if (silent.size >= MOST_FOLLOWED) silent.clear();
      silent.add(id);
      done(null);
    }, PAGE_PATIENCE);
    line.port1.onmessage = (said) => {
      clearTimeout(timer);
      silent.delete(id);
      done(typeof said.data === "string" ? said.data : null);
    };
    page.postMessage({ freshet: "current", path }, [line.port2]);
  });
}

async function told(path, version) {
  await memory();
  followed.delete(path);
  followed.set(path, version);
  if (followed.size > MOST_FOLLOWED) followed.delete(followed.keys().next().value);
  const kept = await exact.get(path);
  // A page whose channel is not open yet follows it without a version, which is no news of it.
  if (kept && version && kept.headers.get(STATE) !== version) await exact.remove(path);
}

/* ---- pages ---- */

async function page(event) {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch (e) {
    const kept = await own().then((cache) => cache.match(FRESHET.offline)).catch(() => null);
    const text = kept ? await kept.text() : "<!doctype html><title>Offline</title><p>Offline.</p>";
    return new Response(text, {
      status: 503, headers: { "Content-Type": "text/html; charset=utf-8" }
    });
  }
}

/* ---- events ---- */

self.addEventListener("install", () => self.skipWaiting());

/* Taking over at once is safe: no page and no asset is ever answered with an older one here. */
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    await empty(NAMES, MINE);
    if (self.registration.navigationPreload) await self.registration.navigationPreload.enable();
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  const said = event.data || {};
  if (isOver()) return;
  if (said.freshet === "loaded") event.waitUntil(ahead());
  if (said.freshet === "told") event.waitUntil(told(String(said.path), String(said.version)));
  if (said.freshet === "forget") event.waitUntil(forget());
});

async function forget() {
  for (const each of [fixed, exact]) {
    for (const path of await each.paths()) await each.remove(path);
  }
}

self.addEventListener("fetch", (event) => {
  const request = event.request, url = new URL(request.url);
  if (isGone || url.origin !== self.location.origin || url.pathname.startsWith("/.freshet/")) return;
  if (!["GET", "HEAD", "OPTIONS"].includes(request.method)) event.waitUntil(written());
  if (request.method !== "GET" || request.headers.has("Range")
      || request.headers.has("Authorization")) return;
  if (request.mode === "navigate") {
    doubt();
    event.waitUntil(check());
    event.respondWith(page(event));
    return;
  }
  if (request.cache !== "default" && request.cache !== "force-cache") return;
  const path = url.pathname + url.search;
  if (isReady) {
    const plainly = () => fetch(request); // whatever goes wrong with what is kept
    if (list.has(path)) event.respondWith(asset(event, path).catch(plainly));
    else if (followed.has(path) && !request.destination) {
      event.respondWith(state(event, path).catch(plainly));
    } else isMissing = isMissing || ASSETS.includes(request.destination);
    return;
  }
  event.waitUntil(memory());
  if (ASSETS.includes(request.destination)) {
    event.respondWith(memory().then(() =>
      list.has(path) ? asset(event, path) : fetch(request)).catch(() => fetch(request)));
  }
});
