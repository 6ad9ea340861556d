// What the report does: its contents, its timelines, printing, its charts.

import "./copying.js";
import "./theme.js";
import { Timeline } from "./timeline.js";
import { tip } from "./tip.js";
import "./tips.js";

document.getElementById("print").addEventListener("click", () => print());

// The section that is being read, in the list of contents.
const links = new Map([...document.querySelectorAll(".side li a")].map((link) => [link.hash.slice(1), link]));
const reading = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    links.get(target.id)?.toggleAttribute("data-seen", isIntersecting);
  }
  const first = [...links.values()].find((link) => link.hasAttribute("data-seen"));
  for (const link of links.values()) {
    if (link === first) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}, { rootMargin: "-20% 0px -60%" });
document.querySelectorAll("main > section").forEach((section) => reading.observe(section));

// A link to a finding opens what it is in.
const openTarget = () => {
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("details")?.setAttribute("open", "");
};
addEventListener("hashchange", openTarget);
openTarget();

const sceneOf = (figure) => JSON.parse(document.getElementById(figure.dataset.scene).textContent);
const timelines = [...document.querySelectorAll("figure.timeline")].map(
  (figure, number) => new Timeline(figure, sceneOf(figure), number));
const near = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    timelines.find((one) => one.figure === target).wake();
  }
}, { rootMargin: "800px" });
timelines.forEach((one) => near.observe(one.figure));

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details.fold:not([open])")];
  closed.forEach((one) => { one.open = true; });
  timelines.forEach((one) => one.print());
});
addEventListener("afterprint", () => {
  closed.forEach((one) => { one.open = false; });
  timelines.forEach((one) => one.restore());
});

for (const card of document.querySelectorAll(".course")) {
  const stretches = JSON.parse(card.dataset.hover);
  const charts = [...card.querySelectorAll("svg")];
  const cursors = card.querySelectorAll(".cursor");
  const hide = () => { cursors.forEach((one) => one.setAttribute("visibility", "hidden")); tip.hide(); };
  for (const chart of charts) {
    chart.addEventListener("pointermove", (event) => {
      const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse()).x;
      const at = stretches.find((one) => x >= one.x[0] && x < one.x[1]) || (x >= 0 && x < 200 ? stretches[stretches.length - 1] : null);
      if (!at) { hide(); return; }
      for (const one of cursors) {
        one.setAttribute("visibility", "visible");
        if (one.tagName === "circle") { one.setAttribute("cx", at.x[1]); one.setAttribute("cy", at.y); }
        else { one.setAttribute("x1", at.x[1]); one.setAttribute("x2", at.x[1]); }
      }
      tip.say(event.clientX, event.clientY, at.runs, at.outcomes, at.behaviours);
    });
    chart.addEventListener("pointerleave", hide);
  }
}
