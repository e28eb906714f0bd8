/*
 * Registers Freshet's service worker once the page is there, and answers it: which version of what
 * a URL answers the page knows to be current (see live.js). freshet.forget() lets the worker forget
 * everything that it keeps, freshet.worker is a promise of whether the page has registered it.
 */
(function () {
  "use strict";
  var workers = navigator.serviceWorker, path = "/.freshet/sw.js", isBegun = false;
  // A policy in the page may forbid workers, and the first word of that would be an error.
  var policy = document.querySelector('meta[http-equiv="content-security-policy" i]');
  if (!workers || policy) return;
  var freshet = window.freshet = window.freshet || {};

  var decided;
  freshet.worker = new Promise(function (done) { decided = done; });

  function isOurs(worker) {
    return worker && new URL(worker.scriptURL).pathname === path;
  }

  function tell(what) {
    if (isOurs(workers.controller)) workers.controller.postMessage(what);
  }

  freshet.told = function (path, version) {
    tell({ freshet: "told", path: path, version: version || "" });
  };

  freshet.forget = function () { tell({ freshet: "forget" }); };

  function tellAll() {
    if (freshet.followed) {
      freshet.followed().forEach(function (path) { freshet.told(path, freshet.current(path)); });
    }
  }

  workers.addEventListener("message", function (said) {
    if (said.data && said.data.freshet === "follow") tellAll();
    if (said.data && said.data.freshet === "current" && said.ports[0]) {
      said.ports[0].postMessage(freshet.current ? freshet.current(said.data.path) : null);
    }
  });
  workers.startMessages();
  workers.addEventListener("controllerchange", function () {
    tellAll();
    if (isBegun) tell({ freshet: "loaded" });
  });

  function begin() {
    isBegun = true;
    workers.getRegistration("/").then(function (known) {
      var all = known ? [known.active, known.waiting, known.installing] : [];
      // The app has a worker of its own, and there can be only one.
      if (all.some(function (worker) { return worker && !isOurs(worker); })) return false;
      return workers.register(path, { scope: "/", updateViaCache: "none" }).then(function () {
        return workers.ready;
      }).then(function (ready) {
        tellAll();
        if (isOurs(ready.active)) ready.active.postMessage({ freshet: "loaded" });
        return true;
      });
    }).catch(function () { return false; /* The page does without. */ }).then(decided);
  }

  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
})();
