// Runs a second over the time at work, as an area under a line.

import { duration, rate } from "./words.js";
import { element } from "./pieces.js";
import { svgElement } from "./report/elements.js";
import { roundTicks } from "./report/scale.js";
import { tip } from "./report/tip.js";

const HEIGHT = 150;
const LEFT = 46;
const BOTTOM = 22;
const TOP = 8;
const RIGHT = 14;
const KEPT = 3_000;
const STRETCHES = 90;
const SHORTEST = 1;
const ROUND = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400];

// Points are pairs of seconds and of runs by then; both only grow. What a later point says of time
// is nearer the truth: while a campaign is taken up again, its time is guessed.
export class Rates {
  constructor() { this.points = [[0, 0]]; }

  add(seconds, runs) {
    if (seconds <= 0 || runs < this.points.at(-1)[1]) return;
    while (this.points.at(-1)[0] >= seconds) this.points.pop();
    this.points.push([seconds, runs]);
    if (this.points.length > KEPT) this.points = this.points.filter((_, at) => at % 2 === 0 || at === this.points.length - 1);
  }

  // Stretches of time with the rate in each: [begin, end, runs a second].
  stretches() {
    const { points } = this;
    const whole = points.at(-1)[0];
    const least = Math.max(SHORTEST, whole / STRETCHES);
    const made = [];
    let [from, before] = points[0];
    for (const [seconds, runs] of points.slice(1)) {
      const last = seconds === whole;
      if (seconds - from < least && !(last && !made.length)) continue;
      made.push([from, seconds, (runs - before) / (seconds - from)]);
      [from, before] = [seconds, runs];
    }
    return made;
  }
}

const ticksOf = (whole) => {
  const size = ROUND.find((one) => whole / one <= 7) ?? 86400 * Math.ceil(whole / 86400 / 7);
  return Array.from({ length: Math.floor(whole / size) + 1 }, (_, at) => at * size);
};

const sayTick = (seconds) => (seconds < 60 ? `${seconds} s` : seconds % 60 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : duration(seconds).replace(/ 0 .*/, ""));

export const ratesChart = (rates) => {
  const figure = element("figure", { class: "rates card" });
  const none = element("p", { class: "empty", text: "The chart begins with the first second of work." });
  const stage = element("div");
  figure.append(element("figcaption", { text: "Runs a second" }), none, stage);
  let drawn = "";

  const draw = () => {
    const width = Math.round(stage.clientWidth);
    const stretches = rates.stretches();
    const state = `${width} ${stretches.length} ${stretches.at(-1)}`;
    none.hidden = stretches.length > 0;
    if (!width || !stretches.length || state === drawn) return;
    drawn = state;
    stage.replaceChildren(drawRates(stretches, width));
  };
  new ResizeObserver(draw).observe(stage);
  return { node: figure, draw };
};

const drawRates = (stretches, width) => {
  const whole = stretches.at(-1)[1];
  const most = Math.max(...stretches.map(([, , speed]) => speed), 1e-9);
  const heights = roundTicks(0, most, 4, 1e-6);
  const top = Math.max(heights.at(-1) ?? 0, most) * 1.04;
  const x = (seconds) => LEFT + (seconds / whole) * (width - LEFT - RIGHT);
  const y = (speed) => HEIGHT - BOTTOM - (speed / top) * (HEIGHT - BOTTOM - TOP);
  const [, , now] = stretches.at(-1);
  const svg = svgElement("svg", {
    class: "chart", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
    "aria-label": `Runs a second over ${duration(whole)}: ${rate(most)} at most, ${rate(now)} at last.`,
  });
  const axis = svgElement("g", { class: "axis" });
  for (const tick of heights) {
    axis.append(svgElement("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }));
    axis.append(svgElement("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, rate(tick)));
  }
  for (const tick of ticksOf(whole)) {
    axis.append(svgElement("text", { x: x(tick), y: HEIGHT - 6, "text-anchor": "middle" }, sayTick(tick)));
  }
  const line = stretches.map(([from, to, speed]) => `${x(from).toFixed(1)} ${y(speed).toFixed(1)} ${x(to).toFixed(1)} ${y(speed).toFixed(1)}`).join(" ");
  const cursor = svgElement("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" });
  svg.append(
    axis,
    svgElement("path", { class: "under", d: `M${x(0)} ${y(0)}L${line} ${x(whole)} ${y(0)}Z` }),
    svgElement("path", { class: "line", d: `M${line}` }),
    cursor,
  );
  svg.addEventListener("pointermove", (event) => {
    const at = ((event.clientX - svg.getBoundingClientRect().left - LEFT) / (width - LEFT - RIGHT)) * whole;
    const under = stretches.find(([from, to]) => at >= from && at <= to);
    cursor.setAttribute("visibility", under ? "visible" : "hidden");
    if (!under) { tip.hide(); return; }
    cursor.setAttribute("x1", x(at));
    cursor.setAttribute("x2", x(at));
    tip.say(event.clientX, event.clientY, `${rate(under[2])} runs a second`, `after ${duration(under[0])} to ${duration(under[1])}`);
  });
  svg.addEventListener("pointerleave", () => { cursor.setAttribute("visibility", "hidden"); tip.hide(); });
  return svg;
};
