// Where moments are on the axis: by step, by emulated time, or by order of events.

import { sayNumber, sayTime } from "./scene.js";

export const AXES = {
  steps: { label: "Steps", unit: "step", of: (point) => point.step, say: (x) => `step ${sayNumber(x)}`, tick: sayNumber },
  time: { label: "Time", unit: "ns", of: (point) => point.t, say: sayTime, tick: sayTime },
  order: { label: "Order", unit: "event", of: (point) => point.event, say: (x) => `event ${sayNumber(x)}`, tick: sayNumber },
};

// What happens within one step is drawn one after the other within its width.
const WITHIN = 0.8;

export const makeScale = (scene, axis) => {
  const { of } = AXES[axis];
  const shift = axis === "steps" ? shiftsWithinSteps(scene) : null;
  const ranks = axis === "order" ? ranksOf(scene) : null;
  const at = (point) => {
    if (ranks) return rankIn(ranks, point.event);
    return of(point) + (shift ? shift.get(point.event) || 0 : 0);
  };
  const first = ranks ? 0 : of(scene.first);
  const end = ranks ? ranks.length : Math.max(of(scene.last), first);
  const tail = Math.max((end - first) * 0.05, axis === "time" ? 1000 : 1);
  return { axis, at, first, end, last: end + tail, least: axis === "time" ? 100 : 1 };
};

const eventsOf = (scene) => {
  const points = scene.items.flatMap((item) => (item.end.open ? [item.begin] : [item.begin, item.end]));
  const byEvent = new Map(points.map((point) => [point.event, point]));
  return [...byEvent.values()].sort((a, b) => a.event - b.event);
};

const ranksOf = (scene) => eventsOf(scene).map((point) => point.event);

// Of an event that nothing is drawn of, the place is that of the next one; of none, the end.
const rankIn = (ranks, event) => {
  const rank = event < 0 ? -1 : ranks.findIndex((known) => known >= event);
  return rank < 0 ? ranks.length : rank;
};

const shiftsWithinSteps = (scene) => {
  const bySteps = new Map();
  for (const point of eventsOf(scene)) {
    bySteps.set(point.step, [...(bySteps.get(point.step) || []), point.event]);
  }
  const shifts = new Map();
  for (const events of bySteps.values()) {
    events.forEach((event, at) => shifts.set(event, (WITHIN * at) / events.length));
  }
  return shifts;
};

// Round numbers between a and b, about as many as there is room for.
export const roundTicks = (a, b, wanted, least) => {
  const rough = (b - a) / Math.max(wanted, 1);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 5, 10].map((one) => one * size).find((one) => one >= rough), least);
  const ticks = [];
  for (let x = Math.ceil(a / step) * step; x <= b; x += step) ticks.push(Math.round(x * 1e6) / 1e6);
  return ticks;
};
