/*
 * Tells Freshet how wide the page's pictures are shown, so that they can be sent in fewer pixels,
 * which one was the largest thing to be seen at first, and which fonts were needed by then, so that
 * these can be sent before others.
 * Nothing is kept, and nothing about who looks at the page is told.
 */
(function () {
  "use strict";
  if (Math.random() >= SHARE || !window.fetch || !document.images) return;
  var told = {}, largest = "", isFontTold = false;

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

  /*
   * The page's own fonts that it needed before it was loaded, coded and parted by commas; null where
   * that can't be told. A font that was asked for ahead says nothing: what counts is whether a face
   * was used, and faces stand in the order of their rules (CSS Font Loading, section 4.1).
   */
  function fonts() {
    var faces = [], rules = [], asked = {}, used = [];
    function read(sheet, all) {
      Array.prototype.forEach.call(all, function (rule) {
        if (rule instanceof CSSFontFaceRule) rules.push([rule.style.getPropertyValue("src"), sheet.href || document.baseURI]);
        else if (rule.styleSheet) read(rule.styleSheet, rule.styleSheet.cssRules);
        else if (rule.cssRules && !(rule instanceof CSSStyleRule)) read(sheet, rule.cssRules);
      });
    }
    try {
      document.fonts.forEach(function (face) { faces.push(face); });
      if (!faces.length) return null;
      Array.prototype.forEach.call(document.styleSheets, function (sheet) { read(sheet, sheet.cssRules); });
      if (faces.length !== rules.length) return null;
      var loaded = performance.getEntriesByType("navigation")[0].loadEventStart;
      performance.getEntriesByType("resource").forEach(function (one) {
        if (one.startTime < loaded) asked[one.name] = true;
      });
      faces.forEach(function (face, i) {
        if (face.status === "unloaded" || face.status === "error") return;
        rules[i][0].replace(/url\(\s*["']?([^"')]+)["']?\s*\)/g, function (_, address) {
          var url = new URL(address, rules[i][1]).href, path = asked[url] ? place(url) : "";
          if (path && path.length <= 200 && used.indexOf(path) < 0) used.push(path);
        });
      });
      return used.slice(0, 4).map(encodeURIComponent).join(",");
    } catch (_) {
      return null;
    }
  }

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
    if (!isFontTold) {
      isFontTold = true;
      var used = fonts();
      if (used !== null) parts.push("fonts=" + used);
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
