'use strict';
// What is shown comes from the console's own JSON and names what others chose: it is set as text,
// never as markup.
const $ = (selector, from = document) => from.querySelector(selector);
const make = (tag, text, kind) => {
  const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text;
  if (kind) e.className = kind;
  return e;
};
const number = (x, digits = 0) =>
  Number(x).toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
const percent = x => number(100 * x, 1) + ' %';
const counts = of =>
  Object.entries(of || {})
    .map(([name, n]) => name + ' ' + (Number.isFinite(n) ? number(n) : n))
    .join(', ');
// The largest three, and how many there are besides.
const most = of => {
  const all = Object.entries(of || {}).sort((a, b) => b[1] - a[1]);
  const more = all.length > 3 ? ' and ' + (all.length - 3) + ' more' : '';
  return counts(Object.fromEntries(all.slice(0, 3))) + more;
};
const cell = (text, kind) => make('td', text, kind);
const line = (...cells) => {
  const tr = make('tr');
  tr.append(...cells.map(c => (c instanceof Node ? c : cell(c))));
  return tr;
};
const withBar = (text, share) => {
  const td = cell(text),
    bar = make('span', '', 'bar');
  bar.style.width = Math.round(48 * share) + 'px';
  td.append(bar);
  return td;
};
const fill = (id, lines, ifNone) => {
  const body = $('#' + id + ' tbody'),
    columns = $('#' + id + ' thead').querySelectorAll('th').length;
  if (!lines.length) {
    const td = cell(ifNone, 'none');
    td.colSpan = columns || 1;
    lines = [line(td)];
  }
  body.replaceChildren(...lines);
};
const beside = (id, text) => {
  $('#' + id + ' h2 small').textContent = text;
};
