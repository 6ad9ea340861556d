// Draws a window of a scene as SVG: lanes of threads, bars, marks, arrows.

import { svgElement } from "./elements.js";
import { AXES } from "./scale.js";
import { describe } from "./scene.js";

export const RULER = 24;
const STRIP = 18;
const ROW = 21;
const BAR = 17;
const PAD = 7;
export const MARGIN = 40;
const LETTER = 6.6;
const NAME_LETTER = 8;
const MOST_ARROWS = 400;
const CROWD = 80;

export const GLYPHS = {
  send: ["signal", "M-4.5 4.5 0-4.5 4.5 4.5Z"],
  deliver: ["signal", "M-4.5-4.5H4.5L0 4.5Z"],
  drop: ["signal", "M-4-4 4 4M4-4-4 4"],
  take: ["signal", "M-4.5-4.5H4.5L0 4.5Z"],
  fault: ["fault", "M-1.6-5H1.6V-1.6H5V1.6H1.6V5H-1.6V1.6H-5V-1.6H-1.6Z", 45],
  inject: ["fault", "M0-5.5 5.5 0 0 5.5-5.5 0Z"],
  exit: ["final", "M-4.5-4.5H4.5V4.5H-4.5Z"],
  kill: ["final", "M-4.5-4.5H4.5V4.5H-4.5Z"],
  stop: ["final", "M-4.5-4.5H-1V4.5H-4.5ZM1-4.5H4.5V4.5H1Z"],
  continue: ["final", "M-4-5 5 0-4 5Z"],
  print: ["quiet", "M-4.5-4H4.5M-4.5 0H4.5M-4.5 4H1"],
  note: ["quiet", "M-4.5-3H4.5M-4.5 1H2"],
  spawn: ["quiet", "M-4-5 5 0-4 5Z"],
  wake: ["quiet", "M0-4.5A4.5 4.5 0 1 1 0 4.5 4.5 4.5 0 1 1 0-4.5"],
  fail: ["fault", "M-4-4 4 4M4-4-4 4"],
  channel: ["quiet", "M0-5 5 0 0 5-5 0Z"],
  timer: ["quiet", "M0-5A5 5 0 1 1 0 5 5 5 0 1 1 0-5M0-3V0H3"],
  word: ["word", "M0-2.2A2.2 2.2 0 1 1 0 2.2 2.2 2.2 0 1 1 0-2.2"],
};
export const OTHER_GLYPH = ["quiet", "M-3-3H3V3H-3Z"];

const shortened = (text, room) => {
  const letters = Math.floor(room / LETTER);
  if (text.length <= letters) return text;
  return letters >= 3 ? `${text.slice(0, letters - 1)}…` : "";
};

// The end of a thread's name tells it from others as often as its beginning.
const nameOf = (thread, room) => {
  const { name } = thread;
  const letters = Math.max(Math.floor(room / NAME_LETTER), 3);
  if (name.length <= letters) return name;
  const tail = Math.ceil((letters - 1) / 2);
  return `${name.slice(0, letters - 1 - tail)}…${name.slice(-tail)}`;
};

// The room for names is that of the longest, but most of the width is for what happened.
export const gutterFor = (scene, width) => {
  const longest = Math.max(...scene.threads.map((thread) => thread.name.length), 6);
  return Math.max(64, Math.min(longest * NAME_LETTER + 28, width * 0.22));
};

// Lanes from top to bottom, as high as their rows need.
export const placeLanes = (scene) => {
  let y = 0;
  const lanes = scene.threads.map((thread) => {
    const height = PAD + STRIP + Math.max(thread.rows, 1) * ROW + PAD;
    const lane = { thread, y, height, strip: y + PAD + STRIP / 2, top: y + PAD + STRIP };
    y += height;
    return lane;
  });
  return { lanes, height: y };
};

const barClass = (scene, bar) => {
  const colour = bar.kind === "hold" || bar.kind === "wait" ? scene.colours.get(bar.name) : bar.kind;
  return `bar ${bar.kind} ${colour}${bar.end.open ? " open" : ""}`;
};

// `view` has scale, a and b (the window), width, gutter, shown (what is to be seen), matches.
export const drawBody = (scene, placed, view) => {
  const { scale, a, b, width, gutter } = view;
  const right = width - MARGIN;
  const x = (point) => gutter + ((scale.at(point) - a) / (b - a)) * (right - gutter);
  const endOf = (item) => (item.end.open ? right + 6 : x(item.end));
  const svg = svgElement("svg", {
    class: "body", width, height: placed.height, viewBox: `0 0 ${width} ${placed.height}`,
    role: "group", "aria-label": `${scene.threads.length} threads, one lane each`,
  });
  const clip = svgElement("clipPath", { id: view.clip });
  clip.append(svgElement("rect", { x: gutter - 7, y: 0, width: width - gutter + 7, height: placed.height }));
  svg.append(clip);
  placed.lanes.forEach((lane, at) => svg.append(laneBack(lane, at, x, right, view)));
  const plot = svgElement("g", { "clip-path": `url(#${view.clip})` });
  for (const tick of view.ticks) {
    const at = gutter + ((tick - a) / (b - a)) * (right - gutter);
    plot.append(svgElement("line", { class: "grid", x1: at, x2: at, y1: 0, y2: placed.height }));
  }
  const arrows = drawArrows(scene, placed, view, x, right);
  const isBelow = (arrow) => ["spawn", "join"].includes(arrow.dataset.kind);
  plot.append(...arrows.filter(isBelow));
  const drawn = new Map();
  for (const bar of scene.bars) {
    const x0 = x(bar.begin);
    const x1 = Math.max(endOf(bar), x0 + 3);
    if (x1 < gutter || x0 > right) continue;
    const row = `${bar.thread.index}/${bar.row}`;
    if (x1 - x0 <= 3 && x1 - (drawn.get(row) ?? -9) < 1) continue;
    drawn.set(row, x1);
    plot.append(drawBar(scene, placed, bar, x0, x1, view, right));
  }
  plot.append(...arrows.filter((arrow) => !isBelow(arrow)));
  for (const mark of scene.marks) {
    const at = x(mark.begin);
    if (at < gutter - 6 || at > right + 6 || (!view.shown.words && isWord(mark))) continue;
    const spot = `${mark.thread.index}/${mark.kind}`;
    if (at - (drawn.get(spot) ?? -9) < 1) continue;
    drawn.set(spot, at);
    plot.append(drawMark(placed, mark, at, view));
  }
  drawCycle(scene, placed, right).forEach((arrow) => plot.append(arrow));
  svg.append(plot);
  return svg;
};

export const isWord = (mark) => mark.kind === "word";

const laneBack = (lane, at, x, right, view) => {
  const { thread, y, height } = lane;
  const group = svgElement("g", { class: "lane" });
  group.append(svgElement("rect", { class: at % 2 ? "odd" : "even", x: 0, y, width: view.width, height }));
  const from = Math.max(x(thread.begin), view.gutter);
  const to = Math.min(thread.end.open ? right + 6 : x(thread.end), right + 6);
  if (to > from) group.append(svgElement("line", { class: "life", x1: from, x2: to, y1: lane.strip, y2: lane.strip }));
  const label = svgElement("text", { class: "thread", x: 12, y: lane.strip + 4 });
  label.textContent = nameOf(thread, view.gutter - 24);
  label.append(svgElement("title", {}, thread.name));
  group.append(label);
  return group;
};

const stateClass = (view, item) => {
  let state = "";
  if (view.matches) state += view.matches.has(item.index) ? " match" : " dim";
  if (view.current === item.index) state += " current";
  return state;
};

const drawBar = (scene, placed, bar, x0, x1, view, right) => {
  const lane = placed.lanes[bar.thread.index];
  const y = lane.top + bar.row * ROW + 1;
  const width = x1 - x0;
  const group = svgElement("g", {
    class: barClass(scene, bar) + stateClass(view, bar), "data-i": bar.index, role: "img", tabindex: -1,
    "aria-label": (bar.said ??= describe(bar)), "data-thread": bar.thread.name, "data-name": bar.name, "data-kind": bar.kind,
  });
  group.append(svgElement("rect", { x: x0, y, width, height: BAR, rx: Math.min(3, width / 2) }));
  const seen = Math.max(x0, view.gutter);
  const text = bar.kind === "handler" ? `${bar.name || "handler"}` : bar.name || bar.what || bar.kind;
  const said = shortened(text, Math.min(x1, right) - seen - 10);
  if (said) {
    const label = svgElement("text", { x: seen + 6, y: y + BAR - 5 }, said);
    if (bar.kind !== "hold" && bar.kind !== "handler") {
      const back = svgElement("rect", { class: "back", x: seen + 3, y: y + 2, width: said.length * LETTER + 6, height: BAR - 4, rx: 2 });
      group.append(back);
    }
    group.append(label);
  }
  return group;
};

const drawMark = (placed, mark, at, view) => {
  const lane = placed.lanes[mark.thread.index];
  const [group, path, turn] = GLYPHS[mark.kind] || OTHER_GLYPH;
  const element = svgElement("g", {
    class: `mark ${group}${stateClass(view, mark)}`, "data-i": mark.index, role: "img", tabindex: -1,
    "aria-label": (mark.said ??= describe(mark)), "data-thread": mark.thread.name, "data-kind": mark.kind,
    transform: `translate(${at.toFixed(1)} ${lane.strip})`,
  });
  element.append(svgElement("circle", { class: "reach", r: 8 }));
  element.append(svgElement("path", turn ? { d: path, transform: `rotate(${turn})` } : { d: path }));
  return element;
};

// Where an end of an arrow is: at the bar that begins or ends with its event, else at the mark.
const heightOf = (scene, placed, thread, event) => {
  const bar = scene.byEvent.get(`${thread.index}/${event}`);
  const lane = placed.lanes[thread.index];
  return bar ? lane.top + bar.row * ROW + ROW / 2 : lane.strip;
};

const drawArrows = (scene, placed, view, x, right) => {
  if (!view.shown.arrows) return [];
  const made = [];
  for (const arrow of scene.arrows) {
    const [x0, x1] = [x(arrow.begin), x(arrow.end)];
    if (x1 < view.gutter || x0 > right || made.length >= MOST_ARROWS) continue;
    const y0 = heightOf(scene, placed, arrow.from, arrow.begin.event);
    const y1 = heightOf(scene, placed, arrow.to, arrow.end.event);
    const bend = Math.max(14, Math.min(60, Math.abs(x1 - x0) / 2));
    const colour = arrow.kind === "unlock" ? scene.colours.get(arrow.name) || "plain"
      : arrow.kind === "signal" ? "signal" : "plain";
    const path = svgElement("path", {
      class: `arrow ${arrow.kind} ${colour}`, d: `M${x0.toFixed(1)} ${y0}C${(x0 + bend).toFixed(1)} ${y0} ${(x1 - bend).toFixed(1)} ${y1} ${x1.toFixed(1)} ${y1}`,
      "marker-end": `url(#head-${colour})`, "data-kind": arrow.kind,
    });
    path.append(svgElement("title", {}, `${arrow.kind} ${arrow.name}: ${arrow.from.name} → ${arrow.to.name}`));
    made.push(path);
  }
  if (made.length > CROWD) made.forEach((one) => one.classList.add("crowd"));
  return made;
};

// Who waits for whom in the end: from each wait of the cycle to the lock's bar at its holder.
const drawCycle = (scene, placed, right) => {
  const made = [];
  scene.cycle.forEach(({ thread, lock, holders }, at) => {
    const wait = scene.bars.find((one) => one.thread === thread && one.end.open
      && ["wait", "block"].includes(one.kind) && one.name === lock);
    for (const holder of holders) {
      const hold = scene.bars.find((one) => one.thread === holder && one.kind === "hold" && one.name === lock && one.end.open);
      if (!wait || !hold) continue;
      const y0 = placed.lanes[thread.index].top + wait.row * ROW + ROW / 2;
      const y1 = placed.lanes[holder.index].top + hold.row * ROW + ROW / 2;
      const reach = right + 16 + 9 * (at % 2) + Math.min(10, Math.abs(y1 - y0) / 12);
      const path = svgElement("path", {
        class: "cycle", d: `M${right + 6} ${y0}C${reach + 8} ${y0} ${reach + 8} ${y1} ${right + 8} ${y1}`,
        "marker-end": "url(#head-deadlock)",
      });
      path.append(svgElement("title", {}, `${thread.name} waits for ${lock}, which ${holder.name} holds`));
      made.push(path);
    }
  });
  return made;
};

export const drawRuler = (view) => {
  const { a, b, width, gutter, scale } = view;
  const right = width - MARGIN;
  const svg = svgElement("svg", { class: "ruler", width, height: RULER, viewBox: `0 0 ${width} ${RULER}`, "aria-hidden": "true" });
  svg.append(svgElement("text", { class: "unit", x: 12, y: 16 }, AXES[scale.axis].label.toLowerCase()));
  for (const tick of view.ticks) {
    const at = gutter + ((tick - a) / (b - a)) * (right - gutter);
    svg.append(svgElement("line", { x1: at, x2: at, y1: RULER - 5, y2: RULER }));
    svg.append(svgElement("text", { x: at, y: 15, "text-anchor": "middle" }, AXES[scale.axis].tick(tick)));
  }
  return svg;
};
