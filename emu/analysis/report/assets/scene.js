// A scene as the page holds it (see scene.py), with names in place of numbers.

export const readScene = (raw) => {
  const name = (number) => raw.names[number];
  const point = (step, t, event) => ({ step, t, event });
  const last = point(...raw.span.slice(3));
  const until = (step, t, event) => (event < 0 ? { ...last, open: true } : point(step, t, event));
  const threads = raw.threads.map(([id, rows, s0, t0, e0, s1, t1, e1], index) => ({
    index, name: name(id), rows, begin: point(s0, t0, e0), end: until(s1, t1, e1),
  }));
  const bars = raw.bars.map(
    ([thread, kind, id, what, row, depth, s0, t0, e0, s1, t1, e1, at, to, heldBy, by]) => ({
      type: "bar", thread: threads[thread], kind: name(kind), name: name(id), what: name(what),
      row, depth, begin: point(s0, t0, e0), end: until(s1, t1, e1), at: name(at), to: name(to),
      heldBy: name(heldBy), by: name(by),
    }));
  const marks = raw.marks.map(([thread, kind, text, depth, step, t, event, at]) => ({
    type: "mark", thread: threads[thread], kind: name(kind), text: name(text), depth,
    begin: point(step, t, event), end: point(step, t, event), at: name(at),
  }));
  const arrows = raw.arrows.map(([kind, id, thread0, s0, t0, e0, thread1, s1, t1, e1]) => ({
    kind: name(kind), name: name(id), from: threads[thread0], begin: point(s0, t0, e0),
    to: threads[thread1], end: point(s1, t1, e1),
  }));
  const cycle = raw.cycle.map(([thread, lock, holders]) => ({
    thread: threads[thread], lock: name(lock), holders: holders.map((one) => threads[one]),
  }));
  const items = [...bars, ...marks].sort((a, b) => a.begin.event - b.begin.event);
  items.forEach((item, index) => { item.index = index; });
  const byEvent = new Map();
  for (const bar of bars.filter((one) => one.kind !== "handler")) {
    for (const { event, open } of [bar.end, bar.begin]) {
      if (!open) byEvent.set(`${bar.thread.index}/${event}`, bar);
    }
  }
  return {
    byEvent, threads, bars, marks, arrows, cycle, items, first: point(...raw.span.slice(0, 3)), last,
    objects: raw.objects.map(name), notes: raw.notes,
    colours: lockColours(bars, raw.objects.map(name)),
  };
};

// Locks have colours: first those that the finding is about, then the most used; eight at most.
const LOCK_COLOURS = 8;

const lockColours = (bars, objects) => {
  const uses = new Map();
  for (const bar of bars) {
    if (bar.kind === "hold" || bar.kind === "wait") {
      uses.set(bar.name, (uses.get(bar.name) || 0) + 1);
    }
  }
  const rank = (lock) => (objects.includes(lock) ? objects.indexOf(lock) : objects.length);
  const ordered = [...uses.keys()].sort(
    (a, b) => rank(a) - rank(b) || uses.get(b) - uses.get(a) || (a < b ? -1 : 1));
  return new Map(ordered.map((lock, at) => [lock, at < LOCK_COLOURS ? `l${at}` : "lx"]));
};

const DOES = {
  hold: (bar) => `holds ${bar.name}`,
  wait: (bar) => `waits for ${bar.name}`,
  block: (bar) => `waits for ${bar.name || bar.what}`,
  sleep: () => "sleeps",
  stall: () => "is stalled by chaos",
  handler: (bar) => `runs the handler of ${bar.name || "a signal"}`,
};

export const whatOf = (item) => (item.type === "mark" ? item.text : DOES[item.kind](item));

export const placeOf = (at) => at.split(":").slice(0, 2).join(":");

export const sayTime = (ns) => {
  for (const [size, unit] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]]) {
    if (ns >= size) return `${+(ns / size).toPrecision(4)} ${unit}`;
  }
  return `${ns} ns`;
};

const NUMBERS = new Intl.NumberFormat("en");
export const sayNumber = (number) => NUMBERS.format(number);

export const describe = (item) => {
  const { begin, end } = item;
  const steps = item.type === "mark" || begin.step === end.step && !end.open
    ? `step ${sayNumber(begin.step)}`
    : end.open ? `from step ${sayNumber(begin.step)}, to the end of the run`
      : `steps ${sayNumber(begin.step)} to ${sayNumber(end.step)}`;
  const place = item.at ? `, at ${placeOf(item.at)}` : "";
  return `${item.thread.name}${item.type === "mark" ? ":" : ""} ${whatOf(item)}, ${steps}${place}`;
};
