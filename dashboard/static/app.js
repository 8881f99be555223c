/* Keeps a page true while it stays open: ages count on, live parts say when they are not live any more. */
"use strict";

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"]];
const PORTUGUESE = document.documentElement.lang.startsWith("pt");

/** A length of time as the server says it (wording.py): 100 s, 3 min, 5 h. */
function age(seconds) {
  for (const [size, unit] of UNITS) if (seconds >= 2 * size) return `${Math.round(seconds / size)} ${unit}`;
  return `${Math.max(0, Math.round(seconds))} s`;
}

/** Write every age anew. An element keeps the moment it arrived in `data-since`. */
function tick() {
  const now = performance.now();
  for (const time of document.querySelectorAll("time[data-age]")) {
    time.dataset.since ??= String(now);
    const words = age(Number(time.dataset.age) + (now - Number(time.dataset.since)) / 1000);
    const text = "short" in time.dataset ? words : PORTUGUESE ? `há ${words}` : `${words} ago`;
    if (time.textContent !== text) time.textContent = text;
  }
}
setInterval(tick, 1000);
tick();

/** Live parts (`hx-trigger="every ..."`): say so when they cannot be refreshed, and do not ask while nobody looks. */
const banner = document.querySelector(".banner.stale");
let lastGood = new Date();

function lost(phrase) {
  banner.textContent = phrase.replace("{time}", lastGood.toLocaleTimeString());
  banner.hidden = false;
}
document.addEventListener("htmx:sendError", () => lost(banner.dataset.lost));
document.addEventListener("htmx:timeout", () => lost(banner.dataset.lost));
document.addEventListener("htmx:responseError", (event) => {
  lost(event.detail.xhr.status === 401 ? banner.dataset.ended : banner.dataset.lost);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.requestConfig.triggeringEvent === undefined) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) htmx.trigger(document.body, "looked");
});

/** What came is shown only if it differs from what came before: nothing moves under a reader's hands for nothing. */
const shown = new WeakMap();
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) return;
  lastGood = new Date();
  banner.hidden = true;
  // Not while somebody fills in a form there.
  if (event.detail.target.querySelector("details[open] form, form :focus, form input:checked")) {
    event.detail.shouldSwap = false;
    return;
  }
  const text = event.detail.xhr.responseText;
  if (shown.get(event.detail.target) === text) event.detail.shouldSwap = false;
  else shown.set(event.detail.target, text);
});
document.addEventListener("htmx:afterSwap", tick);

/** The section at hand is in sight where the navigation is wider than the screen. */
const current = document.querySelector(".sections [aria-current]");
const sections = document.querySelector(".sections");
if (current) sections.scrollLeft = current.offsetLeft - (sections.clientWidth - current.offsetWidth) / 2;

/** A language or theme chosen in the address is remembered by now; the address need not carry it on. */
const address = new URL(location.href);
if (address.searchParams.has("lang") || address.searchParams.has("theme")) {
  address.searchParams.delete("lang");
  address.searchParams.delete("theme");
  history.replaceState(null, "", address);
}
