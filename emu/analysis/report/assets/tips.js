// What has `data-tip` says it under the pointer, and when it has the focus.

import { tip } from "./tip.js";

document.addEventListener("pointerover", (event) => {
  const told = event.target.closest?.("[data-tip]");
  if (told) tip.say(event.clientX, event.clientY, told.dataset.tip);
});
document.addEventListener("pointerout", (event) => {
  if (event.target.closest?.("[data-tip]")) tip.hide();
});
document.addEventListener("focusin", (event) => {
  const told = event.target.closest?.("[data-tip]");
  if (!told) return;
  const box = told.getBoundingClientRect();
  tip.say(box.left + box.width / 2, box.bottom, told.dataset.tip);
});
document.addEventListener("focusout", () => tip.hide());
document.addEventListener("scroll", () => tip.hide(), { capture: true, passive: true });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hide(); });
