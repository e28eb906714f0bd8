/*
 * Tells Freshet how wide the page's pictures are shown, so that they can be sent in fewer pixels,
 * and which one was the largest thing to be seen at first, so that it can be sent before others.
 * Nothing is kept, and nothing about who looks at the page is told.
 */
(function () {
  "use strict";
  if (Math.random() >= SHARE || !window.fetch || !document.images) return;
  var told = {}, largest = "";

  /* Of the page's own site; "" for any other. */
  function place(address) {
    var url = new URL(address, location.href);
    return url.origin === location.origin ? url.pathname + url.search : "";
  }

  try {
    new PerformanceObserver(function (list) {
      list.getEntries().forEach(function (one) {
        largest = one.url && one.element instanceof HTMLImageElement ? place(one.url) : "";
      });
    }).observe({ type: "largest-contentful-paint", buffered: true });
  } catch (_) { /* Not every browser tells. */ }

  /* What is not shown now may be shown in full later. */
  function needed(image) {
    var box = image.getBoundingClientRect(), natural = image.naturalWidth;
    var fit = getComputedStyle(image).objectFit;
    if (!box.width || !box.height || fit === "none") return natural;
    return Math.max(box.width, box.height * natural / image.naturalHeight);
  }

  function look() {
    var wanted = {};
    Array.prototype.forEach.call(document.images, function (image) {
      if (!image.complete || !image.naturalWidth || !image.naturalHeight) return;
      var path = place(image.currentSrc || image.src);
      if (!path || path.length > 400) return;
      wanted[path] = Math.max(wanted[path] || 0, Math.ceil(needed(image)));
    });
    var parts = [], length = 0;
    if (largest && largest.length <= 400) {
      parts.push("largest=" + encodeURIComponent(largest));
      largest = "";
    }
    function send() {
      if (parts.length) {
        fetch("/.freshet/shown?" + parts.join("&"), {
          method: "POST", mode: "cors", keepalive: true, credentials: "omit"
        }).catch(function () { /* The next page tells it. */ });
      }
      parts = [];
      length = 0;
    }
    Object.keys(wanted).slice(0, 150).forEach(function (path) {
      if (told[path] >= wanted[path]) return;
      told[path] = wanted[path];
      var part = wanted[path] + "=" + encodeURIComponent(path);
      if (parts.length >= 50 || length + part.length > 4000) send();
      parts.push(part);
      length += part.length + 1;
    });
    send();
  }

  /* Some come when somebody scrolls near them. */
  var looks = 0, isDue = false;
  function later() {
    if (isDue || looks >= 10) return;
    isDue = true;
    looks++;
    setTimeout(function () { isDue = false; look(); }, 500);
  }

  function begin() {
    later();
    document.addEventListener("load", function (event) {
      if (event.target instanceof HTMLImageElement) later();
    }, true);
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "hidden") look();
    });
  }

  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
})();
