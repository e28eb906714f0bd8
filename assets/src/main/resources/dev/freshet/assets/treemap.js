/*
 * Makes the treemap of a report one that can be walked through: a click goes into a part, a word
 * shows where it stands and what it costs. Without this script the picture stays as it is.
 */
(function () {
  "use strict";
  var whole = JSON.parse(document.getElementById("tree").textContent);
  var picture = document.querySelector("svg");
  var HEADING = 18, LEAST = 3;

  function element(name, className, parent) {
    var made = document.createElement(name);
    made.className = className;
    if (parent) parent.appendChild(made);
    return made;
  }

  function kilobytes(octets) {
    return octets < 1000 ? octets + " B"
      : octets < 10000 ? (octets / 1000).toFixed(1) + " kB"
      : Math.round(octets / 1000).toLocaleString("en") + " kB";
  }

  var bar = element("p", "tools"), way = element("span", "way", bar);
  var word = element("input", "", bar), said = element("span", "said", bar);
  word.type = "search";
  word.placeholder = "find a module or package";
  word.setAttribute("aria-label", word.placeholder);
  var map = element("div", "map");
  var told = element("p", "told");
  picture.replaceWith(bar, map, told);

  /* Each part by the one it is in. */
  (function tie(node, around) {
    node.around = around;
    (node.parts || []).forEach(function (part) { tie(part, node); });
  })(whole, null);

  function tell(node) {
    told.textContent = node.path + ": " + kilobytes(node.size)
      + (node.br ? ", br " + kilobytes(node.br) : "")
      + ", " + (100 * node.size / whole.size).toFixed(1) + " % of all scripts and style sheets";
  }

  function matches(node) {
    var wanted = word.value.trim().toLowerCase();
    return wanted && !node.parts && node.path.toLowerCase().includes(wanted);
  }

  /* The squarified treemap of Bruls, Huizing and van Wijk: rows along the shorter side. */
  function layout(parts, x, y, width, height, each) {
    var sum = parts.reduce(function (all, part) { return all + part.size; }, 0);
    var scale = width * height / sum, from = 0;
    function worst(to, side) {
      var area = 0, bad = 0;
      for (var i = from; i < to; i++) area += parts[i].size * scale;
      for (i = from; i < to; i++) {
        var long = parts[i].size * scale * side / area, ratio = long * side / area;
        bad = Math.max(bad, ratio, 1 / ratio);
      }
      return bad;
    }
    while (from < parts.length) {
      var side = Math.min(width, height), to = from + 1, area = 0;
      while (to < parts.length && worst(to + 1, side) <= worst(to, side)) to++;
      for (var i = from; i < to; i++) area += parts[i].size * scale;
      var depth = side > 0 ? area / side : 0, at = 0, isColumn = width >= height;
      for (; from < to; from++) {
        var length = depth > 0 ? parts[from].size * scale / depth : 0;
        each(parts[from], x + (isColumn ? 0 : at), y + (isColumn ? at : 0),
          isColumn ? depth : length, isColumn ? length : depth);
        at += length;
      }
      if (isColumn) { x += depth; width = Math.max(0, width - depth); }
      else { y += depth; height = Math.max(0, height - depth); }
    }
  }

  function draw(node, x, y, width, height, parent) {
    if (width < LEAST || height < LEAST) return;
    var box = element("div", "box" + (matches(node) ? " found" : ""), parent);
    box.style.cssText = "left:" + x + "px;top:" + y + "px;width:" + width + "px;height:" + height
      + "px;background:" + node.color;
    if (width > 34 && height > HEADING - 4) box.textContent = node.name + " " + kilobytes(node.size);
    box.onmouseover = function (event) { event.stopPropagation(); tell(node); };
    box.onclick = function (event) {
      event.stopPropagation();
      show(node.parts ? node : node.around);
    };
    fill(node, width - 4, height - HEADING - 2, box, 2, HEADING);
  }

  function fill(node, width, height, parent, x, y) {
    if (!node.parts || width < 12 || height < 12) return;
    layout(node.parts, x, y, width, height, function (part, left, top, wide, high) {
      draw(part, left, top, wide, high, parent);
    });
  }

  function show(node) {
    shown = node;
    way.textContent = "";
    for (var at = node, steps = []; at; at = at.around) steps.unshift(at);
    steps.forEach(function (step, i) {
      if (i) way.append(" / ");
      var link = element("button", "", way);
      link.textContent = step.name;
      link.onclick = function () { show(step); };
    });
    map.textContent = "";
    fill(node, map.clientWidth, map.clientHeight, map, 0, 0);
    tell(node);
    count();
  }

  function count() {
    var modules = 0, octets = 0;
    (function look(node) {
      if (matches(node)) { modules++; octets += node.size; }
      (node.parts || []).forEach(look);
    })(whole);
    said.textContent = !word.value.trim() ? ""
      : modules + (modules === 1 ? " module, " : " modules, ") + kilobytes(octets);
  }

  var shown = whole;
  word.oninput = function () { show(shown); };
  addEventListener("resize", function () { show(shown); });
  show(whole);
})();
