// Pages of a site in Chromium, bare and through Freshet; what is measured is told by the first word:
//
//   node views.js lighthouse|loads|steady|deploy|shots BARE THROUGH [--admin URL] [--path /a]... [--mode mobile|none] [--cookie C] [--files DIR] [--out DIR]
//
// views.sh starts the demo shop for it and says which pages there are.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import puppeteer from "puppeteer-core";
import lighthouse, { desktopConfig } from "lighthouse";

const { values: told, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    admin: { type: "string", default: "" },
    path: { type: "string", multiple: true, default: ["/"] },
    mode: { type: "string", default: "mobile" },
    cookie: { type: "string", default: "" },
    files: { type: "string", default: "" },
    slow: { type: "boolean", default: false },
    teach: { type: "string", default: "6" },
    out: { type: "string", default: "" },
  },
});
const [what, bare, through] = positionals;
const PHONE = { width: 412, height: 823, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true };
const DESK = { width: 1350, height: 940, deviceScaleFactor: 1 };
const PHONE_AGENT =
  "Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
];
const chromium = process.env.CHROME_PATH ||
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const sleep = (millis) => new Promise((done) => setTimeout(done, millis));
const kB = (octets) => (octets / 1000).toFixed(1);
const browserOf = () => puppeteer.launch({ executablePath: chromium, headless: true, args: FLAGS });

/** A tab of somebody who was never there. */
async function visitor(browser, isPhone) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  if (isPhone) {
    await page.setUserAgent(PHONE_AGENT, { mobile: true, platform: "Android", platformVersion: "11", architecture: "", model: "", brands: [{ brand: "Chromium", version: "136" }] });
  }
  await page.setViewport(isPhone ? PHONE : DESK);
  if (told.slow) {
    await page.emulateNetworkConditions({ latency: 40, download: (10_240 * 1000) / 8, upload: (10_240 * 1000) / 8 });
  }
  if (told.cookie) {
    for (const site of [bare, through]) {
      const at = told.cookie.indexOf("=");
      await context.setCookie({ name: told.cookie.slice(0, at), value: told.cookie.slice(at + 1), domain: new URL(site).hostname, path: "/" });
    }
  }
  const wire = await page.createCDPSession();
  await wire.send("Network.enable");
  const view = { context, page, wire, answers: new Map(), octets: new Map(), errors: [] };
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warn") view.errors.push(m.text()); });
  page.on("pageerror", (e) => view.errors.push(String(e)));
  wire.on("Network.responseReceived", (e) => view.answers.set(e.requestId, { url: e.response.url, type: e.type, status: e.response.status, kept: e.response.fromDiskCache || e.response.fromServiceWorker, fields: Object.fromEntries(Object.entries(e.response.headers).map(([name, value]) => [name.toLowerCase(), value])) }));
  wire.on("Network.loadingFinished", (e) => view.octets.set(e.requestId, e.encodedDataLength));
  await page.evaluateOnNewDocument(() => {
    window.__moved = 0;
    window.__moves = [];
    new PerformanceObserver((list) => list.getEntries().forEach((one) => {
      if (one.hadRecentInput) return;
      window.__moved += one.value;
      window.__moves.push([Math.round(one.startTime), one.value.toFixed(4), one.sources.slice(0, 3).map((s) => s.node && (s.node.tagName || s.node.nodeName) + "." + (s.node.className || "")).join(" ")]);
    })).observe({ type: "layout-shift", buffered: true });
    window.__largest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => { window.__largest = one.startTime; })).observe({ type: "largest-contentful-paint", buffered: true });
  });
  return view;
}

async function open(view, url, isScrolled = false) {
  view.answers.clear();
  view.octets.clear();
  await view.page.goto(url, { waitUntil: "load", timeout: 60000 });
  await view.page.waitForNetworkIdle({ idleTime: 400, timeout: 20000 }).catch(() => {});
  if (isScrolled) {
    await view.page.evaluate(async () => {
      for (let y = 0; y < document.body.scrollHeight; y += 400) { window.scrollTo(0, y); await new Promise((d) => setTimeout(d, 30)); }
      window.scrollTo(0, 0);
    });
    await view.page.waitForNetworkIdle({ idleTime: 300, timeout: 20000 }).catch(() => {});
  }
  const seen = await view.page.evaluate(() => {
    const n = performance.getEntriesByType("navigation")[0];
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return { loaded: n.loadEventEnd, answered: n.responseEnd, painted: paint ? paint.startTime : 0, largest: window.__largest, moved: window.__moved, moves: window.__moves };
  });
  const parts = [...view.answers].map(([id, one]) => ({ ...one, octets: view.octets.get(id) || 0 }));
  seen.parts = parts;
  seen.octets = parts.reduce((sum, one) => sum + one.octets, 0);
  seen.asked = parts.filter((one) => one.octets > 0).length;
  seen.script = Math.max(0, ...parts.filter((one) => one.type === "Script").map((one) => one.octets));
  return seen;
}

async function rest() {
  if (!told.admin) return sleep(3000);
  for (let i = 0; i < 240; i++) {
    const status = await (await fetch(told.admin + "/status")).json();
    if (status.optimize.forms.waiting === 0) return;
    await sleep(250);
  }
}

/** Visits before those that count: what others have seen and told. */
async function teach(times) {
  const browser = await browserOf();
  for (let i = 0; i < times; i++) {
    for (const isPhone of [true, false]) {
      const view = await visitor(browser, isPhone);
      for (const path of told.path) {
        await open(view, through + path, i === 0);
        // A page tells half a second after it is loaded how wide its pictures are.
        await sleep(700);
      }
      await view.context.close();
    }
    await rest();
  }
  await browser.close();
}

async function lightly(url, mode) {
  const browser = await browserOf();
  try {
    const config = mode === "mobile" ? undefined : { ...desktopConfig, settings: { ...desktopConfig.settings, throttlingMethod: "provided" } };
    const flags = { port: Number(new URL(browser.wsEndpoint()).port), output: "json", onlyCategories: ["performance", "best-practices"], logLevel: "silent", maxWaitForLoad: 45000 };
    if (told.cookie) flags.extraHeaders = { Cookie: told.cookie };
    const { lhr } = await lighthouse(url, flags, config);
    const v = (id) => lhr.audits[id]?.numericValue ?? NaN;
    const errors = lhr.audits["errors-in-console"]?.details?.items ?? [];
    const loaded = lhr.audits["network-requests"]?.details?.items ?? [];
    const shifts = lhr.audits["layout-shifts"]?.details?.items ?? [];
    return {
      score: lhr.categories.performance.score * 100, fcp: v("first-contentful-paint"), lcp: v("largest-contentful-paint"), tti: v("interactive"), cls: v("cumulative-layout-shift"), octets: v("total-byte-weight"), errors: errors.map((e) => e.description),
      heaviest: loaded.sort((a, b) => b.transferSize - a.transferSize).slice(0, 4).map((one) => `${kB(one.transferSize)} ${one.url}`),
      shifts: shifts.map((one) => `${one.score.toFixed(4)} ${one.node?.selector ?? "the page"}`),
    };
  } finally {
    await browser.close();
  }
}

async function lighthouses() {
  await teach(Number(told.teach));
  console.log("%s", ["page", "side", "score", "FCP", "LCP", "TTI", "CLS", "kB", "errors"].join("\t"));
  for (const path of told.path) {
    const both = [await lightly(bare + path, told.mode), await lightly(through + path, told.mode)];
    both.forEach((r, i) => console.log([path, i ? "freshet" : "bare", r.score.toFixed(0), r.fcp.toFixed(0), r.lcp.toFixed(0), r.tti.toFixed(0), r.cls.toFixed(4), kB(r.octets), r.errors.length].join("\t")));
    const [a, b] = both;
    // Where it was thrown is no part of what it says: files have other names and fewer lines.
    const words = (error) => error.split("\n")[0];
    const fresh = b.errors.filter((e) => !a.errors.map(words).includes(words(e)));
    console.log(`  heaviest, kB: ${b.heaviest.join(", ")}`);
    both.forEach((r, i) => r.shifts.length && console.log(`  moved ${i ? "through Freshet" : "bare"}: ${r.shifts.join(", ")}`));
    console.log(`  octets -${(100 - (100 * b.octets) / a.octets).toFixed(1)} % (bar 70: ${b.octets <= 0.3 * a.octets ? "met" : "missed"}), LCP -${(100 - (100 * b.lcp) / a.lcp).toFixed(1)} % (bar 50: ${b.lcp <= 0.5 * a.lcp ? "met" : "missed"}), CLS ${b.cls <= a.cls + 0.0005 ? "not worse" : "worse"}, new errors ${fresh.length ? fresh : "none"}`);
  }
}

/**
 * When the load event of somebody new had ended, of the same again, and of the same in another tab. Nobody listens to the network meanwhile: on two
 * cores a client that is told of each request takes as long as the page.
 */
async function timed(browser, url) {
  const root = await browser.target().createCDPSession();
  const { browserContextId } = await root.send("Target.createBrowserContext");
  const out = [];
  if (told.cookie) {
    const at = told.cookie.indexOf("=");
    await root.send("Storage.setCookies", { browserContextId, cookies: [{ name: told.cookie.slice(0, at), value: told.cookie.slice(at + 1), url }] });
  }
  for (const times of [2, 1]) {
    const { targetId } = await root.send("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await root.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = root.connection().session(sessionId);
    await tab.send("Page.enable");
    await tab.send("Emulation.setDeviceMetricsOverride", { ...DESK, mobile: false });
    for (let i = 0; i < times; i++) {
      const loaded = new Promise((done) => tab.once("Page.loadEventFired", done));
      await tab.send("Page.navigate", { url });
      await loaded;
      await sleep(700);
      const end = { expression: "performance.getEntriesByType('navigation')[0].loadEventEnd", returnByValue: true };
      out.push((await tab.send("Runtime.evaluate", end)).result.value);
    }
  }
  await root.send("Target.disposeBrowserContext", { browserContextId });
  await root.detach();
  return { first: out[0], again: out[1], elsewhere: out[2] };
}

/** Unthrottled: somebody new, and the same again; medians. */
async function loads() {
  await teach(Number(told.teach));
  const browser = await browserOf();
  const median = (all) => all.sort((a, b) => a - b)[(all.length - 1) >> 1];
  console.log(["page", "side", "first ms", "LCP", "CLS", "kB", "requests", "script kB", "again ms", "new tab ms", "kB", "requests", "CLS"].join("\t"));
  for (const path of told.path) {
    for (const site of [bare, through]) {
      const firsts = [], agains = [], times = [];
      let errors = [];
      for (let i = 0; i < 5; i++) {
        times.push(await timed(browser, site + path));
        const view = await visitor(browser, false);
        firsts.push(await open(view, site + path));
        agains.push(await open(view, site + path));
        errors = view.errors;
        await view.context.close();
      }
      const m = (all, f) => median(all.map(f));
      console.log([path, site === bare ? "bare" : "freshet", m(times, (t) => t.first).toFixed(0), m(firsts, (s) => s.largest).toFixed(0), m(firsts, (s) => s.moved).toFixed(4), kB(m(firsts, (s) => s.octets)), m(firsts, (s) => s.asked), kB(m(firsts, (s) => s.script)),
        m(times, (t) => t.again).toFixed(0), m(times, (t) => t.elsewhere).toFixed(0), kB(m(agains, (s) => s.octets)), m(agains, (s) => s.asked), m(agains, (s) => s.moved).toFixed(4)].join("\t"));
      if (site === through) {
        agains[4].parts.filter((one) => one.octets > 0).forEach((one) => console.log(`    again: ${one.status} ${one.octets} octets ${one.url}`));
      }
      if (errors.length) console.log("    console:", [...new Set(errors)].join(" | "));
    }
  }
  await browser.close();
}

/** How much moves in the first views of a Freshet that nobody has used yet. */
async function steady() {
  const browser = await browserOf();
  for (const site of [bare, through]) {
    for (const path of told.path) {
      const out = [];
      let first = [];
      for (let i = 0; i < 8; i++) {
        const view = await visitor(browser, told.mode === "mobile");
        const seen = await open(view, site + path);
        out.push(seen.moved.toFixed(4));
        if (seen.moves.length && first.length < 3) first.push(`view ${i + 1}: ` + JSON.stringify(seen.moves.slice(0, 4)));
        await view.context.close();
      }
      console.log([site === bare ? "bare" : "freshet", path, ...out].join("\t"));
      if (site === through) first.forEach((line) => console.log("    " + line));
    }
  }
  await browser.close();
}

/** What a returning visitor loads after a deploy, and somebody on the second page of a template. */
async function deploy() {
  const path = told.path[0], second = told.path[1];
  await teach(Number(told.teach));
  const browser = await browserOf();
  const view = await visitor(browser, false), other = await visitor(browser, false), patient = await visitor(browser, false);
  const first = await open(view, through + path);
  await open(other, through + path);
  await open(patient, through + path);
  await sleep(1500);
  const next = await open(view, through + second);
  const page = next.parts.find((one) => one.type === "Document");
  console.log(`second page of the template: ${page.octets} octets of HTML on the wire, fields included, ${page.fields["content-encoding"]} (bar < 10,000: ${page.octets < 10000 ? "met" : "missed"})`);
  const changed = ["js/harbour.js", "js/widgets.js", "css/components.css"];
  const before = changed.map((name) => readFileSync(join(told.files, name), "utf8"));
  const release = async (number) => {
    changed.forEach((name, i) => {
      const middle = before[i].indexOf("\n}\n", before[i].length >> 1) + 3;
      const more = name.endsWith("css") ? `.fresh-badge {\n  color: #12345${number};\n  margin: 3px 7px;\n}\n` : `\nfunction freshBadge(element) {\n  element.dataset.badge = 'fresh ${number} ' + Date.now();\n  return element;\n}\n`;
      writeFileSync(join(told.files, name), before[i].slice(0, middle) + more + before[i].slice(middle));
    });
    const order = { urls: changed.map((name) => through + "/static/" + name) };
    await fetch(told.admin + "/purge", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(order) });
  };
  try {
    const whole = changed.map((name, i) => Buffer.byteLength(before[i]));
    // Each has the files as they were at first.
    const comings = [
      [view, "the first, in the moment of the deploy", () => release(1)],
      [other, "one after others", () => teach(2)],
      [patient, "the first, two seconds after the next deploy", async () => { await release(2); await sleep(2000); }],
    ];
    for (const [his, who, earlier] of comings) {
      await earlier();
      const seen = await open(his, through + path);
      const parts = changed.map((name) => seen.parts.filter((one) => one.url.includes("/static/" + name)));
      let sum = 0;
      parts.forEach((all, i) => all.forEach((one) => { sum += one.octets; console.log(`    ${one.octets} octets ${one.fields["content-encoding"]} ${one.fields["freshet-optimized"] ?? ""} ${one.url}`); }));
      const all = whole.reduce((a, b) => a + b, 0);
      const had = first.parts.filter((one) => changed.some((name) => one.url.includes("/static/" + name))).reduce((a, one) => a + one.octets, 0);
      console.log(`${who}: ${sum} octets for three changed files of ${all} (${((100 * sum) / all).toFixed(2)} %), which a first visit loads with ${had} (${((100 * sum) / had).toFixed(2)} %) (bar < 5 % of these: ${sum < 0.05 * had ? "met" : "missed"}); page whole: ${seen.octets}`);
      console.log("    components told by the page:", await his.page.evaluate(() => document.documentElement.dataset.ready + " " + typeof window.freshBadge));
    }
  } finally {
    changed.forEach((name, i) => writeFileSync(join(told.files, name), before[i]));
  }
  await browser.close();
}

/** Pictures of the pages, and how far those of both sides differ. */
async function shots() {
  await teach(Number(told.teach));
  mkdirSync(told.out, { recursive: true });
  const browser = await browserOf();
  for (const isPhone of [true, false]) {
    for (const path of told.path) {
      const both = [];
      for (const site of [bare, through]) {
        const view = await visitor(browser, isPhone);
        await open(view, site + path, true);
        const name = `${isPhone ? "phone" : "desk"}${path.replace(/[^a-z0-9]+/gi, "-")}-${site === bare ? "bare" : "freshet"}.png`;
        both.push(await view.page.screenshot({ path: join(told.out, name), encoding: "base64", fullPage: true, captureBeyondViewport: true }));
        if (view.errors.length) console.log("    console of", site === bare ? "bare" : "freshet", [...new Set(view.errors)].join(" | "));
        await view.context.close();
      }
      console.log(isPhone ? "phone" : "desk", path, await compare(browser, both));
    }
  }
  await browser.close();
}

/** Mean difference of a colour of a pixel, of 255, and the share of pixels that differ by more than 32. */
async function compare(browser, [one, other]) {
  const page = await browser.newPage();
  const said = await page.evaluate(async (a, b) => {
    const pixels = async (png) => {
      const image = new Image();
      image.src = "data:image/png;base64," + png;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext("2d");
      pen.drawImage(image, 0, 0);
      return [image.width, image.height, pen.getImageData(0, 0, image.width, image.height).data];
    };
    const [w, h, left] = await pixels(a), [w2, h2, right] = await pixels(b);
    if (w !== w2 || h !== h2) return `sizes differ: ${w}x${h} and ${w2}x${h2}`;
    let sum = 0, far = 0;
    for (let i = 0; i < left.length; i += 4) {
      const d = Math.max(Math.abs(left[i] - right[i]), Math.abs(left[i + 1] - right[i + 1]), Math.abs(left[i + 2] - right[i + 2]));
      sum += d;
      if (d > 32) far++;
    }
    return `${w}x${h}, mean difference ${(sum / (w * h)).toFixed(2)} of 255, ${((100 * far) / (w * h)).toFixed(3)} % of pixels by more than 32`;
  }, one, other);
  await page.close();
  return said;
}

await { lighthouse: lighthouses, loads, steady, deploy, shots }[what]();
