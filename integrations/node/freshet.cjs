'use strict';
// Carries the W3C traceparent of an HTTP request into the SQL that is sent for it, as a sqlcommenter
// comment: NODE_OPTIONS="--require /path/to/freshet.cjs". No change in the app, no dependency.

const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const Module = require('node:module');

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/;
// Events with which a server hands over a request. Not 'upgrade': what comes over a WebSocket later
// is no part of the request that opened it.
const REQUESTS = new Set(['request', 'checkContinue', 'checkExpectation', 'stream']);
const PATCHED = Symbol.for('dev.freshet.patched');
const trace = new AsyncLocalStorage();

// ---- in: HTTP ----

function traceparentOf(event, args) {
  const headers = event === 'stream' ? args[1] : args[0] && args[0].headers;
  const value = headers && headers.traceparent;
  const found = typeof value === 'string' ? TRACEPARENT.exec(value.trim()) : null;
  return found ? found[0] : undefined;
}

function hear(server) {
  patch(server, 'emit', (emit) => function (event, ...args) {
    let parent;
    try {
      if (!REQUESTS.has(event)) return emit.call(this, event, ...args);
      parent = traceparentOf(event, args);
    } catch {
      parent = undefined;
    }
    // Also without one: a connection kept alive must not pass the last request's on.
    return trace.run(parent, () => emit.call(this, event, ...args));
  });
}

// ---- out: pg ----

function commented(text) {
  const parent = trace.getStore();
  if (parent === undefined || typeof text !== 'string' || text.includes('traceparent=')) return text;
  // Behind a comment that runs to the end of the line, ours would be part of it.
  const gap = text.lastIndexOf('--') > text.lastIndexOf('\n') ? '\n' : ' ';
  return `${text}${gap}/*traceparent='${parent}'*/`;
}

// pg calls back from the socket's events, which belong to whoever opened the connection.
function bound(callback) {
  if (typeof callback !== 'function') return callback;
  const here = new AsyncResource('FreshetCallback');
  return function (...args) {
    return here.runInAsyncScope(callback, this, ...args);
  };
}

const KNOWN = [
  'text', 'values', 'name', 'callback', 'rowMode', 'types', 'rows', 'binary', 'portal', 'queryMode',
  'query_timeout',
];

// The caller's object is read and never changed: it may be frozen, or used for the next request.
// What getters tell becomes a plain property, as pg copies own properties only.
function copied(config) {
  const copy = Object.create(Object.getPrototypeOf(config));
  const put = (key, value) =>
    Object.defineProperty(copy, key, { value, writable: true, enumerable: true, configurable: true });
  for (const key of Object.keys(config)) put(key, config[key]);
  for (const key of KNOWN) if (key in config) put(key, config[key]);
  const text = commented(config.text);
  if (config.callback) put('callback', bound(config.callback));
  if (text === config.text) return copy;
  put('text', text);
  if (config.name) {
    // pg refuses another text under the same name, so it goes without one. The gateway takes the
    // comment off and keeps one prepared statement for the text. What had a name was never sent
    // in a simple query, which differs where there are several statements.
    put('name', undefined);
    put('queryMode', 'extended');
  }
  return copy;
}

const HANDLERS = [
  'handleRowDescription', 'handleDataRow', 'handlePortalSuspended', 'handleCommandComplete',
  'handleReadyForQuery', 'handleEmptyQuery', 'handleError', 'handleCopyInResponse',
  'handleCopyData', 'handleCopyOutResponse',
];

// Query, Cursor, QueryStream and their like: objects that are sent once.
function prepareSubmittable(query) {
  const holder = query.cursor && typeof query.cursor.text === 'string' ? query.cursor : query;
  const text = commented(holder.text);
  if (text !== holder.text) {
    holder.text = text;
    if (holder.name) {
      holder.name = undefined;
      holder.queryMode = 'extended';
    }
  }
  query.callback = bound(query.callback);
  for (const name of HANDLERS) {
    if (typeof query[name] === 'function') query[name] = bound(query[name]);
  }
}

function traced(args) {
  const [config] = args;
  const out = args.map((arg, i) => (i > 0 ? bound(arg) : arg));
  if (typeof config === 'string') {
    out[0] = commented(config);
  } else if (config && typeof config.submit === 'function') {
    prepareSubmittable(config);
  } else if (config && typeof config === 'object') {
    out[0] = copied(config);
  }
  return out;
}

function patchClient(Client) {
  patch(Client.prototype, 'query', (query) => function (...args) {
    let mine = args;
    try {
      mine = traced(args);
    } catch {
      mine = args;
    }
    return query.apply(this, mine);
  });
  // The socket outlives the request that opened it: its events shall belong to none.
  patch(Client.prototype, 'connect', (connect) => function (callback) {
    const back = bound(callback);
    return trace.run(undefined, () => connect.call(this, back));
  });
}

function patchPool(Pool) {
  // Who waits in the queue is called from the request that gives its connection back.
  patch(Pool.prototype, 'connect', (connect) => function (callback) {
    return connect.call(this, bound(callback));
  });
}

function patchCursor(Cursor) {
  for (const name of ['read', 'close']) {
    patch(Cursor.prototype, name, (method) => function (...args) {
      return method.apply(this, args.map(bound));
    });
  }
}

// ---- finding them ----

function patch(target, name, wrap) {
  const original = target[name];
  if (typeof original !== 'function' || original[PATCHED]) return;
  const wrapper = wrap(original);
  Object.defineProperty(wrapper, PATCHED, { value: true });
  Object.defineProperty(wrapper, 'name', { value: name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: original.length, configurable: true });
  Object.defineProperty(target, name, {
    value: wrapper, writable: true, configurable: true, enumerable: false,
  });
}

const FILES = [
  [/[\\/]pg[\\/]lib[\\/]client\.js$/, patchClient],
  [/[\\/]pg-pool[\\/]index\.js$/, patchPool],
  [/[\\/]pg-cursor[\\/]index\.js$/, patchCursor],
];

function watchModules() {
  const load = Module._load;
  Module._load = function (request, parent, isMain) {
    const exports = load.apply(this, arguments);
    try {
      if (/pg|client/.test(request)) {
        const file = Module._resolveFilename(request, parent, isMain);
        for (const [pattern, found] of FILES) {
          if (pattern.test(file) && typeof exports === 'function') found(exports);
        }
      }
    } catch {
      // What can't be recognised stays as it is.
    }
    return exports;
  };
}

function start() {
  hear(require('node:http').Server.prototype);
  hear(require('node:https').Server.prototype);
  const http2 = require('node:http2');
  // Their classes are not exported: these two never listen.
  hear(Object.getPrototypeOf(http2.createServer()));
  hear(Object.getPrototypeOf(http2.createSecureServer()));
  watchModules();
}

try {
  start();
} catch (e) {
  process.emitWarning(`Freshet can't carry traces into SQL: ${e && e.message}`);
}
