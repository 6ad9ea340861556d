// The timeline of one finding: a window of its scene, and what changes it.

import { fillDetails, fillTable } from "./details.js";
import { GLYPHS, MARGIN, OTHER_GLYPH, RULER, drawBody, drawRuler, gutterFor, isWord, placeLanes } from "./drawing.js";
import { element, svgElement } from "./elements.js";
import { listen } from "./gestures.js";
import { AXES, makeScale, roundTicks } from "./scale.js";
import { readScene, sayNumber } from "./scene.js";
import { findItems } from "./search.js";

const PRINTED = 1040;

export class Timeline {
  // `raw` is what scene.py makes; `number` is this figure's own in its page.
  constructor(figure, raw, number) {
    this.figure = figure;
    this.scene = readScene(raw);
    this.placed = placeLanes(this.scene);
    this.clip = `clip-${number}`;
    this.shown = { arrows: true, words: this.scene.marks.filter(isWord).length < 120 };
    this.matches = null;
    this.current = null;
    this.build();
    this.setAxis("steps");
    listen(this);
    new ResizeObserver(() => this.draw()).observe(this.stage);
  }

  // Nothing is drawn before it comes near: a page may have many timelines.
  wake() {
    this.awake = true;
    this.draw();
  }

  build() {
    const { figure } = this;
    figure.replaceChildren();
    const caption = element("figcaption", { class: "hidden", text: figure.dataset.title });
    this.bar = element("div", { class: "bar-tools", role: "toolbar", "aria-label": "Timeline tools" });
    this.axes = Object.entries(AXES).map(([name, axis]) => this.button(axis.label, () => this.setAxis(name), { axis: name }));
    const buttons = [
      this.group("Axis", this.axes),
      this.group("Zoom", [
        this.button("−", () => this.zoom(1 / 0.6), { label: "Zoom out" }),
        this.button("+", () => this.zoom(0.6), { label: "Zoom in" }),
        this.button("Fit", () => this.fit(), { label: "Show all of it" }),
      ]),
      this.group("Move", [
        this.button("◂", () => this.pan(-0.3), { label: "Earlier" }),
        this.button("▸", () => this.pan(0.3), { label: "Later" }),
      ]),
      this.group("Show", [
        this.toggle("Arrows", "arrows"),
        ...(this.scene.marks.some(isWord) ? [this.toggle("Memory", "words")] : []),
      ]),
    ];
    this.field = element("input", { type: "search", placeholder: "Search: lock, thread, file, signal", "aria-label": "Search the timeline", spellcheck: "false" });
    this.count = element("output", { class: "count", "aria-live": "polite" });
    this.field.addEventListener("input", () => this.search());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); this.next(event.shiftKey ? -1 : 1); this.field.focus(); }
      if (event.key === "Escape") { this.field.value = ""; this.search(); this.stage.focus(); }
    });
    const find = element("div", { class: "find" }, this.field, this.count);
    this.bar.append(...buttons, find);
    this.stage = element("div", {
      class: "stage", tabindex: "0", role: "application", "aria-roledescription": "timeline",
      "aria-label": `${figure.dataset.title}. Plus and minus zoom, arrow keys move, 0 shows all, N and P go through what happened, slash searches.`,
    });
    this.stage.style.minHeight = `min(${this.placed.height + RULER + 2}px, 72vh)`;
    this.overview = element("div", { class: "overview", "aria-hidden": "true" }, element("i"));
    this.listenToOverview();
    this.panel = element("div", { class: "panel", "aria-live": "polite" });
    this.panel.append(element("p", { class: "keys", text: "Click a bar or a mark to keep what is known of it here. Keys: + − zoom, ← → move, 0 all, N P step through, / search." }));
    const table = element("table", { class: "list" });
    const details = element("details", { class: "as-table" }, element("summary", { text: `As a table: ${sayNumber(this.scene.items.length)} entries` }), element("div", { class: "scroll" }, table));
    details.addEventListener("toggle", () => { if (details.open && !table.tHead) fillTable(table, this.scene); });
    figure.append(caption, this.bar, ...this.scene.notes.map((text) => element("p", { class: "cut", text })), this.overview, this.stage, this.legend(), this.panel, details);
  }

  group(label, buttons) { return element("div", { class: "tool-group", role: "group", "aria-label": label }, ...buttons); }

  button(text, act, { label, axis } = {}) {
    const made = element("button", { type: "button", text, ...(label ? { "aria-label": label, title: label } : {}) });
    if (axis) made.dataset.axis = axis;
    made.addEventListener("click", act);
    return made;
  }

  toggle(text, name) {
    const made = this.button(text, () => {
      this.shown[name] = !this.shown[name];
      made.setAttribute("aria-pressed", this.shown[name]);
      this.draw();
    });
    made.setAttribute("aria-pressed", this.shown[name]);
    return made;
  }

  legend() {
    const legend = element("p", { class: "legend" });
    const locks = [...this.scene.colours].filter(([, colour]) => colour !== "lx");
    for (const [lock, colour] of locks) {
      legend.append(element("span", { "data-lock": lock }, swatch(colour, "hold"), swatch(colour, "wait"), lock));
    }
    const kinds = new Set([...this.scene.bars.map((one) => one.kind), ...this.scene.marks.map((one) => (GLYPHS[one.kind] || OTHER_GLYPH)[0])]);
    for (const [kind, text] of LEGEND_OF_BARS) {
      if (kinds.has(kind)) legend.append(element("span", {}, swatch(kind, kind), text));
    }
    for (const [kind, ...parts] of LEGEND_OF_MARKS) {
      if (!kinds.has(kind)) continue;
      for (const [glyph, text] of parts) {
        if (this.scene.marks.some((mark) => mark.kind === glyph)) {
          legend.append(element("span", {}, glyphSwatch(glyph), text));
        }
      }
    }
    if (locks.length) legend.append(element("span", { class: "how", text: "solid: held, hatched: waited for" }));
    return legend;
  }

  listenToOverview() {
    let from = null;
    const share = (event) => {
      const box = this.overview.getBoundingClientRect();
      return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    };
    const go = (event) => {
      const { first, last } = this.scale;
      const middle = first + share(event) * (last - first);
      this.setWindow(middle - (this.b - this.a) / 2, middle + (this.b - this.a) / 2);
    };
    this.overview.addEventListener("pointerdown", (event) => { from = event.pointerId; this.overview.setPointerCapture(from); go(event); });
    this.overview.addEventListener("pointermove", (event) => { if (from !== null) go(event); });
    this.overview.addEventListener("pointerup", () => { from = null; });
  }

  setAxis(name) {
    this.scale = makeScale(this.scene, name);
    for (const one of this.axes) one.setAttribute("aria-pressed", one.dataset.axis === name);
    this.fit();
  }

  window() { return [this.a, this.b]; }

  setWindow(a, b) {
    const { first, last, least } = this.scale;
    const whole = last - first;
    const width = Math.min(Math.max(b - a, Math.min(least, whole)), whole);
    const middle = (a + b) / 2;
    this.a = Math.min(Math.max(middle - width / 2, first), last - width);
    this.b = this.a + width;
    this.draw();
  }

  fit() { this.setWindow(this.scale.first, this.scale.last); }

  zoom(factor, x) {
    const at = x === undefined ? (this.a + this.b) / 2 : this.value(x);
    this.setWindow(at - (at - this.a) * factor, at + (this.b - at) * factor);
  }

  zoomTo(x0, x1) {
    const [a, b] = [this.value(Math.min(x0, x1)), this.value(Math.max(x0, x1))];
    this.setWindow(a, b);
  }

  pan(share) {
    const { first, last } = this.scale;
    const width = this.b - this.a;
    const by = Number.isFinite(share) ? share * width : Math.sign(share) * (last - first);
    const a = Math.min(Math.max(this.a + by, first), last - width);
    this.setWindow(a, a + width);
  }

  dragged([a, b], pixels) {
    const by = (-pixels / this.plotWidth()) * (b - a);
    const { first, last } = this.scale;
    const start = Math.min(Math.max(a + by, first), last - (b - a));
    this.setWindow(start, start + (b - a));
  }

  plotWidth() { return Math.max(this.width - MARGIN - this.gutter, 1); }

  value(x) {
    const share = Math.max(0, Math.min(1, (x - this.gutter) / this.plotWidth()));
    return this.a + share * (this.b - this.a);
  }

  band(x0, x1) {
    this.stage.querySelector(".band")?.remove();
    if (x0 === undefined) return;
    const made = element("div", { class: "band" });
    made.style.left = `${Math.min(x0, x1)}px`;
    made.style.width = `${Math.abs(x1 - x0)}px`;
    this.stage.append(made);
  }

  hint() {
    clearTimeout(this.hinting);
    this.figure.classList.add("hinting");
    this.hinting = setTimeout(() => this.figure.classList.remove("hinting"), 1400);
  }

  search() {
    const found = findItems(this.scene, this.field.value);
    this.found = found;
    this.matches = found && new Set(found.map((item) => item.index));
    this.count.textContent = !found ? "" : found.length ? `${found.length} found` : "nothing found";
    this.draw();
  }

  next(by) {
    const items = this.found || this.scene.items;
    if (!items.length) return;
    const here = items.findIndex((item) => item.index === this.current);
    const at = here < 0 ? (by > 0 ? 0 : items.length - 1) : (here + by + items.length) % items.length;
    this.choose(items[at], true);
    if (this.found) this.count.textContent = `${at + 1} of ${items.length}`;
  }

  choose(item, go) {
    this.current = item ? item.index : null;
    if (!item) { this.draw(); return; }
    fillDetails(this.panel, item);
    const at = this.scale.at(item.begin);
    if (go && (at < this.a || at > this.b)) this.setWindow(at - (this.b - this.a) / 2, at + (this.b - this.a) / 2);
    else this.draw();
    const drawn = this.stage.querySelector(`[data-i="${item.index}"]`);
    if (go && drawn) keepInSight(this.stage, drawn);
  }

  draw(width = this.stage.clientWidth) {
    if (!width || !this.scale || !this.awake) return;
    this.width = width;
    this.gutter = gutterFor(this.scene, width);
    const { scale, a, b, gutter } = this;
    const room = (this.plotWidth()) / (scale.axis === "time" ? 90 : 64);
    const ticks = roundTicks(a, Math.min(b, scale.end), room, 1);
    const view = { scale, a, b, width, gutter, ticks, clip: this.clip, shown: this.shown, matches: this.matches, current: this.current };
    const top = this.stage.scrollTop;
    const hint = element("div", { class: "hint", text: "Click the timeline, or hold Ctrl, to zoom with the wheel" });
    this.stage.replaceChildren(drawRuler(view), drawBody(this.scene, this.placed, view), hint);
    this.stage.scrollTop = top;
    const { first, last } = scale;
    const thumb = this.overview.firstChild;
    thumb.style.left = `${(100 * (a - first)) / (last - first)}%`;
    thumb.style.width = `${(100 * (b - a)) / (last - first)}%`;
    this.overview.classList.toggle("whole", b - a >= (last - first) * 0.999);
    this.figure.dataset.window = `${a.toFixed(2)} ${b.toFixed(2)}`;
  }

  print() {
    this.wasAwake = this.awake;
    this.awake = true;
    this.before = [this.a, this.b];
    [this.a, this.b] = [this.scale.first, this.scale.last];
    this.draw(PRINTED);
  }

  restore() {
    if (this.before) [this.a, this.b] = this.before;
    this.draw();
    this.awake = this.wasAwake;
  }
}

const LEGEND_OF_BARS = [
  ["block", "waits for something else"], ["sleep", "sleeps"], ["stall", "stalled by chaos"],
  ["handler", "signal handler"],
];
const LEGEND_OF_MARKS = [
  ["signal", ["send", "signal sent"], ["deliver", "signal delivered"], ["drop", "signal dropped"]],
  ["fault", ["inject", "injected by chaos"], ["fault", "fault"], ["fail", "refused"]],
  ["final", ["exit", "process exits"], ["kill", "process is killed"]],
  ["quiet", ["spawn", "starts a thread"], ["print", "prints"], ["wake", "wakes"], ["channel", "channel"]],
  ["word", ["word", "memory"]],
];

const swatch = (colour, kind) => {
  const svg = svgElement("svg", { viewBox: "0 0 18 12", width: 18, height: 12, "aria-hidden": "true" });
  const group = svgElement("g", { class: `bar ${kind} ${colour}` });
  group.append(svgElement("rect", { x: 1, y: 1, width: 16, height: 10, rx: 2 }));
  svg.append(group);
  return svg;
};

const glyphSwatch = (kind) => {
  const [group, path, turn] = GLYPHS[kind];
  const svg = svgElement("svg", { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" });
  const mark = svgElement("g", { class: `mark ${group}` });
  mark.append(svgElement("path", turn ? { d: path, transform: `rotate(${turn})` } : { d: path }));
  svg.append(mark);
  return svg;
};

const keepInSight = (stage, drawn) => {
  const [outer, inner] = [stage.getBoundingClientRect(), drawn.getBoundingClientRect()];
  if (inner.top < outer.top + RULER) stage.scrollTop -= outer.top + RULER - inner.top + 10;
  if (inner.bottom > outer.bottom) stage.scrollTop += inner.bottom - outer.bottom + 10;
};
