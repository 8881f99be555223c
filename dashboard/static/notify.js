"use strict";
/** Desktop notifications of new opportunities, only after the reader asked for them; remembered by the browser. */
const KEY = "notify-opportunities";
const button = document.getElementById("notify");
const live = document.getElementById("live");

function keys() {
  return new Set([...live.querySelectorAll("[data-key]")].map((section) => section.dataset.key));
}

function show() {
  const isOn = localStorage.getItem(KEY) === "on" && Notification.permission === "granted";
  button.setAttribute("aria-pressed", String(isOn));
  button.textContent = Notification.permission === "denied" ? button.dataset.denied : isOn ? button.dataset.on : button.dataset.off;
  button.disabled = Notification.permission === "denied";
  return isOn;
}

if ("Notification" in window) {
  let known = keys();
  button.hidden = false;
  button.addEventListener("click", async () => {
    const isOn = localStorage.getItem(KEY) === "on" && Notification.permission === "granted";
    if (!isOn && (await Notification.requestPermission()) !== "granted") return void show();
    localStorage.setItem(KEY, isOn ? "off" : "on");
    show();
  });
  document.addEventListener("htmx:afterSettle", () => {
    const now = keys();
    const isNew = [...now].filter((key) => !known.has(key));
    known = now;
    if (isNew.length === 0 || !show()) return;
    const first = live.querySelector(`[data-key="${CSS.escape(isNew[0])}"]`);
    const title = `${live.dataset.notify}: ${first.querySelector(".edge").textContent}`;
    new Notification(title, { body: first.querySelector("h3").textContent, tag: "opportunity" });
  });
  show();
}
