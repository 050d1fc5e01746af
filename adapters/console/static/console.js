// Pages work without this. It adds keys, and keeps what changes fresh.
"use strict";

let afterG = false;

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches("input, textarea, select")) return;
  if (e.key === "/") {
    e.preventDefault();
    document.getElementById("q").select();
    document.getElementById("q").focus();
  }
  const link = afterG && document.querySelector(`[data-key="${CSS.escape(e.key)}"]`);
  afterG = e.key === "g";
  if (link) link.click();
});

// busy: someone is in the middle of something that a new page would take away.
const busy = () =>
  document.hidden || document.querySelector("details[open]") || !document.getSelection().isCollapsed ||
  document.querySelector("main").contains(document.activeElement.closest("form, .scroll"));

const every = Number(document.body.dataset.refresh) * 1000;
if (every) {
  const refresh = async () => {
    try {
      if (!busy()) {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (busy()) return;
        for (const part of ["main", "footer"]) document.querySelector(part).replaceWith(next.querySelector(part));
        if (!next.body.dataset.refresh) return;
      }
    } catch {
      // The server is away: the page keeps what it has, whose age the footer says.
    }
    setTimeout(refresh, every);
  };
  setTimeout(refresh, every);
}
