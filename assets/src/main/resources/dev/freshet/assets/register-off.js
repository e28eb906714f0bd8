/* The site does without a service worker; a page from before still asks for one. */
(function () {
  "use strict";
  var workers = navigator.serviceWorker;
  if (!workers) return;
  workers.getRegistration("/").then(function (known) {
    var worker = known && (known.active || known.waiting || known.installing);
    if (!worker || new URL(worker.scriptURL).pathname !== "/.freshet/sw.js") return null;
    return caches.keys().then(function (names) {
      return Promise.all(names.map(function (name) {
        return name.indexOf("freshet-") === 0 ? caches.delete(name) : null;
      }));
    }).then(function () { return known.unregister(); });
  }).catch(function () { /* The browser asks for the worker again by itself. */ });
})();
