"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  root.dataset.theme = prefersDark.matches ? "dark" : "light";
  prefersDark.addEventListener("change", (e) => { root.dataset.theme = e.matches ? "dark" : "light"; });
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  });

  // Groups of buttons: one of each group is pressed; what is shown follows.
  const state = {};
  const show = () => {
    for (const view of all(".view")) {
      view.hidden = view.dataset.picture !== state.picture || view.dataset.budget !== state.budget;
      view.style.setProperty("--zoom", state.zoom);
    }
    for (const sheet of all(".sheet")) sheet.hidden = sheet.dataset.measure !== state.measure;
    for (const button of all("button[data-group]")) {
      button.setAttribute("aria-pressed", String(state[button.dataset.group] === button.value));
    }
  };
  for (const button of all("button[data-group]")) {
    if (button.getAttribute("aria-pressed") === "true") state[button.dataset.group] = button.value;
    button.addEventListener("click", () => { state[button.dataset.group] = button.value; show(); });
  }

  // The pointer moves all panes of a view together; a click steps through the zooms.
  const zooms = all('button[data-group="zoom"]').map((b) => b.value);
  for (const glass of all(".glass")) {
    const view = glass.closest(".view");
    glass.addEventListener("pointermove", (e) => {
      const box = glass.getBoundingClientRect();
      view.style.setProperty("--x", `${(100 * (e.clientX - box.left)) / box.width}%`);
      view.style.setProperty("--y", `${(100 * (e.clientY - box.top)) / box.height}%`);
    });
    glass.addEventListener("click", () => {
      state.zoom = zooms[(zooms.indexOf(state.zoom) + 1) % zooms.length];
      show();
    });
  }
  show();
})();
