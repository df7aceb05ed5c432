// What the console does beside htmx: counts ages on, shows clocks in local time, says whether the page is live,
// keeps the focus sensible after a navigation. Without it every page works; it only stands still.

const units = {
  en: { d: " d", h: " h", min: " min", s: " s" },
  ko: { d: "일", h: "시간", min: "분", s: "초" },
};
const unit = units[document.documentElement.lang] ?? units.en;
const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "medium",
  timeStyle: "medium",
});

/** The server's clock against ours. */
const skewMs = Number(document.body.dataset.now) - Date.now();

/** As server/i18n/format.ts does it. */
function duration(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const [min, h, d] = [Math.floor(s / 60), Math.floor(s / 3600), Math.floor(s / 86400)];
  const pair = (large, largeUnit, small, smallUnit) =>
    small === 0 ? large + largeUnit : `${large}${largeUnit} ${small}${smallUnit}`;
  if (s < 60) return s + unit.s;
  if (s < 3600) return min + unit.min;
  if (s < 86400) return pair(h, unit.h, min % 60, unit.min);
  return pair(d, unit.d, h % 24, unit.h);
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tellTimes() {
  const now = Date.now() + skewMs;
  for (const time of document.querySelectorAll("time[data-age]")) {
    setText(time, duration(now - Number(time.dataset.age)));
    time.title = day.format(Number(time.dataset.age));
  }
  for (const time of document.querySelectorAll("time[data-clock]")) {
    setText(time, clock.format(Number(time.dataset.clock)));
    time.title = day.format(Number(time.dataset.clock));
  }
}

function showStream(isLive) {
  const mark = document.getElementById("stream");
  if (!mark) return;
  mark.dataset.tone = isLive ? "good" : "warning";
  setText(mark.querySelector("span"), isLive ? mark.dataset.on : mark.dataset.off);
}

let isLive = false;
function streamIs(live) {
  isLive = live;
  showStream(live);
}
document.addEventListener("htmx:sse:before:connection", () => streamIs(false));
document.addEventListener("htmx:sse:after:connection", (event) =>
  streamIs(event.detail.connection.status === 200),
);
document.addEventListener("htmx:sse:error", (event) => {
  streamIs(false);
  // The session has ended; the page itself knows the way to the login and back.
  if (event.detail.status === 401) location.reload();
});

// The extension opens a lost stream again, but not one that never was open.
function openStreamLater(event) {
  const live = event.detail.ctx?.sourceElement;
  if (live?.id !== "live") return;
  streamIs(false);
  setTimeout(() => htmx.process(live, true), 1000 + 2000 * Math.random());
}
document.addEventListener("htmx:error", openStreamLater);
document.addEventListener("htmx:response:error", openStreamLater);

// A pull that waited behind a search asks for what the region shows by then.
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches("[data-region]"))
    ctx.request.action = ctx.sourceElement.getAttribute("hx-get");
});

// One polite voice for the whole console, outside of what refreshes: it speaks when the alarms change.
let said = document.getElementById("strip")?.dataset.say;
function sayAlarms() {
  const say = document.getElementById("strip")?.dataset.say;
  if (say === undefined || say === said) return;
  said = say;
  setText(document.getElementById("said"), say);
}

let path = location.pathname;
document.addEventListener("htmx:after:swap", (event) => {
  tellTimes();
  sayAlarms();
  if (location.pathname === path) return;
  path = location.pathname;
  showStream(isLive);
  const isSearch = event.detail.ctx?.request?.form?.getAttribute("role") === "search";
  document.querySelector(isSearch ? "main input[type=search]" : "h1")?.focus({ preventScroll: true });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const search = document.querySelector("input[type=search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

setInterval(tellTimes, 1000);
tellTimes();
