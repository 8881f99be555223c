"use strict";
/** The board while it stays open: columns that read as before still were seen again. */
document.addEventListener("htmx:afterSettle", () => {
  const element = document.getElementById("seen");
  if (element === null || !element.dataset.seen) return;
  const now = Number(element.dataset.now);
  const seen = JSON.parse(element.dataset.seen);
  delete element.dataset.seen;
  for (const time of document.querySelectorAll("time[data-seen]")) {
    const at = seen[time.dataset.seen];
    if (at === undefined) continue;
    time.dataset.age = String(Math.max(0, now - at));
    time.dataset.since = String(performance.now());
  }
});
