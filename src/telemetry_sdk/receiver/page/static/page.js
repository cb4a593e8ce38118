// Enhances the page: the theme's button, the keyboard, and the list that follows what arrives. It works without.
const root = document.body.dataset.root;
const list = document.querySelector(".columns");
const live = document.getElementById("live");

const theme = document.getElementById("theme");
const dark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
function showTheme(chosen) {
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  theme.textContent = isDark() ? "Light" : "Dark";
}
showTheme(localStorage.getItem("theme"));
dark.addEventListener("change", () => showTheme());
theme.hidden = false;
theme.addEventListener("click", () => {
  const chosen = isDark() ? "light" : "dark";
  localStorage.setItem("theme", chosen);
  showTheme(chosen);
});

const rows = () => [...document.querySelectorAll("a.row")];
function move(step) {
  const other = document.querySelector(step > 0 ? ".detail a[rel=next]" : ".detail a[rel=prev]");
  if (other) other.click();
  const links = rows();
  const at = links.indexOf(document.activeElement) + step;
  const next = links[Math.min(links.length - 1, Math.max(0, at))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => document.getElementById("search")?.focus(),
  Escape: () => document.getElementById("back")?.click(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (!KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

function announce(text, state) {
  live.textContent = text;
  live.className = state;
}
const count = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;
function describe({ number, names, refused }) {
  const parts = [];
  if (number) parts.push(`${number} new: ${names.join(", ")}${number > names.length ? ", …" : ""}`);
  if (refused) parts.push(`${count(refused, "request")} refused`);
  return parts.join("; ") || "The list has changed";
}

// Takes the lists of the same address anew; what has the focus keeps it, and what is typed stays.
async function refresh() {
  const response = await fetch(location.href);
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const active = document.activeElement;
  const address = active?.getAttribute("href");
  for (const [old, made] of [[list.querySelector("nav"), "nav"], [list.querySelector("main"), "main"]]) {
    const next = fresh.querySelector(`.columns > ${made}`);
    if (!next) return;
    const form = old.querySelector("form");
    if (form) next.querySelector("form").replaceWith(form);
    old.replaceWith(next);
  }
  const again = address ? list.querySelector(`a[href="${CSS.escape(address)}"]`) : list.contains(active) && active;
  if (again) again.focus({ preventScroll: true });
}

if (list) {
  let waiting = 0;
  const stream = new EventSource(`${root}stream`);
  stream.onopen = () => announce("Live", "on");
  stream.onerror = () => announce("Not connected: what arrives now is not shown", "off");
  stream.onmessage = (event) => {
    announce(describe(JSON.parse(event.data)), "new");
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 100);
  };
}
