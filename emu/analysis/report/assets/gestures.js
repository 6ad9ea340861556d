// Pointer, wheel and keys, as calls of a timeline.

import { fillDetails } from "./details.js";
import { tip } from "./tip.js";

const DRAG = 4;

// Calls `act` once a frame at most, with the sum of what it was to be called with.
const eachFrame = (act) => {
  let sum = null;
  return (amount, ...rest) => {
    const waiting = sum !== null;
    sum = (sum ?? 0) + amount;
    if (waiting) return;
    requestAnimationFrame(() => { const whole = sum; sum = null; act(whole, ...rest); });
  };
};

export const listen = (timeline) => {
  const { stage } = timeline;
  const local = (event) => event.clientX - stage.getBoundingClientRect().left;

  const pan = eachFrame((pixels) => timeline.pan(pixels / 900));
  const zoom = eachFrame((pixels, x) => timeline.zoom(Math.exp(pixels / 130), x));
  stage.addEventListener("wheel", (event) => {
    const awake = stage.contains(document.activeElement) || event.ctrlKey || event.metaKey;
    if (!awake && !event.shiftKey) { timeline.hint(); return; }
    event.preventDefault();
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) pan(sideways);
    else zoom(Math.max(-60, Math.min(60, event.deltaY)), local(event));
  }, { passive: false });

  let drag = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest("button")) return;
    const chosen = event.shiftKey || event.target.closest(".ruler");
    drag = { x: local(event), from: timeline.window(), choose: Boolean(chosen), moved: false };
    stage.focus({ preventScroll: true });
  });
  stage.addEventListener("pointermove", (event) => {
    if (!drag) { hover(timeline, event); return; }
    const by = local(event) - drag.x;
    if (!drag.moved && Math.abs(by) < DRAG) return;
    if (!drag.moved) { drag.moved = true; stage.setPointerCapture(event.pointerId); tip.hide(); }
    if (drag.choose) timeline.band(drag.x, local(event));
    else timeline.dragged(drag.from, by);
  });
  const drop = (event) => {
    if (!drag) return;
    const { x, choose, moved } = drag;
    drag = null;
    timeline.band();
    if (moved && choose) timeline.zoomTo(x, local(event));
    else if (!moved) timeline.choose(itemAt(timeline, event));
  };
  stage.addEventListener("pointerup", drop);
  stage.addEventListener("pointercancel", () => { drag = null; timeline.band(); });
  stage.addEventListener("pointerleave", () => tip.hide());
  stage.addEventListener("dblclick", (event) => timeline.zoom(0.5, local(event)));
  stage.addEventListener("keydown", (event) => {
    const action = KEYS[event.key];
    if (!action || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action(timeline);
  });
};

const KEYS = {
  "+": (timeline) => timeline.zoom(0.6),
  "=": (timeline) => timeline.zoom(0.6),
  "-": (timeline) => timeline.zoom(1 / 0.6),
  0: (timeline) => timeline.fit(),
  f: (timeline) => timeline.fit(),
  ArrowLeft: (timeline) => timeline.pan(-0.15),
  ArrowRight: (timeline) => timeline.pan(0.15),
  Home: (timeline) => timeline.pan(-Infinity),
  End: (timeline) => timeline.pan(Infinity),
  n: (timeline) => timeline.next(1),
  p: (timeline) => timeline.next(-1),
  "/": (timeline) => timeline.field.focus(),
  Escape: (timeline) => timeline.choose(null),
};

const itemAt = (timeline, event) => {
  const element = document.elementFromPoint(event.clientX, event.clientY)?.closest?.("[data-i]");
  return element && timeline.stage.contains(element) ? timeline.scene.items[element.dataset.i] : null;
};

const hover = (timeline, event) => {
  const item = itemAt(timeline, event);
  if (item) tip.show(event.clientX, event.clientY, (element) => fillDetails(element, item));
  else tip.hide();
};
