// The console's keys and small comforts. Every page works without this file.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const rows = () => all("tr[data-href], [data-row]").filter((row) => row.offsetParent !== null);

  const mark = (step) => {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((row) => row.classList.contains("here"));
    const next = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + step))];
    list.forEach((row) => row.classList.toggle("here", row === next));
    next.scrollIntoView({ block: "nearest" });
  };
  const open = (row) => { if (row && row.dataset.href) window.location.assign(row.dataset.href); };
  const press = (key) => {
    const here = one("[data-row].here") || one("[data-row]");
    const button = (here && one(`[data-key="${key}"]`, here)) || one(`[data-key="${key}"]`);
    if (button) button.click();
    return Boolean(button);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select") && event.key !== "Escape") return;
    if (event.key === "/") {
      event.preventDefault();
      (one("main [data-search]") || one("[data-search]")).focus();
    } else if (event.key === "Escape") {
      document.activeElement.blur();
    } else if (event.key === "j" || event.key === "k") {
      mark(event.key === "j" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === document.body) {
      open(one("tr.here"));
    } else if (/^[a-z]$/.test(event.key) && press(event.key)) {
      event.preventDefault();
    }
  });

  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, summary, label")) open(row);
    if (event.target.closest("[data-print]")) window.print();
  });

  // All or none of a list's boxes; a sum that follows what is ticked; a difference that follows what is counted.
  const boxes = (form) => [...form.elements].filter((box) => box.dataset.minor && !box.disabled);
  const tally = (form) => {
    const ticked = boxes(form).filter((box) => box.checked);
    const sum = ticked.reduce((total, box) => total + Number(box.dataset.minor), 0);
    all("[data-tally]").forEach((place) => { place.textContent = `${ticked.length} · ${written(sum, place.dataset)}`; });
  };
  const written = (minor, { symbol = "", digits = "2" }) => {
    const places = Number(digits);
    const text = (Math.abs(minor) / 10 ** places).toLocaleString("en-US", { minimumFractionDigits: places });
    return `${minor < 0 ? "-" : ""}${symbol}${text}`;
  };
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-all]")) boxes(box.form).forEach((other) => { other.checked = box.checked; });
    if (box.form && box.matches("[data-all], [data-minor]")) tally(box.form);
    if (box.matches("[data-submit]")) box.form.requestSubmit();
  });
  document.addEventListener("input", (event) => {
    const place = event.target.dataset && event.target.dataset.counts && one(event.target.dataset.counts);
    if (!place) return;
    const counted = Math.round(Number(event.target.value.replace(/,/g, "")) * 10 ** Number(place.dataset.digits || 2));
    const difference = counted - Number(place.dataset.book);
    place.textContent = Number.isNaN(difference) ? "–" : written(difference, place.dataset);
    place.className = difference ? "red strong" : "green strong";
  });

  // A failed request shows what the server says, in a corner, and leaves the page as it is.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "toasts") setTimeout(() => { if (event.target.firstElementChild) event.target.firstElementChild.remove(); }, 9000);
    all("form[data-tallied]").forEach(tally);
  });
  const ready = () => { all("form[data-tallied]").forEach(tally); if (one("[data-row]")) mark(0);
    all(".scroll").forEach((box) => { box.scrollLeft = box.scrollWidth; }); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
})();
