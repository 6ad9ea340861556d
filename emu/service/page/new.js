// A new campaign: of a shipped plan, or of one's own.

import { get } from "./api.js";
import { editor } from "./editor.js";
import { live } from "./live.js";
import { mistakeList } from "./mistakes.js";
import { button, element, hrefOf, say } from "./pieces.js";
import { Starter } from "./starting.js";
import { plural } from "./words.js";

const OPTIONS = [
  { name: "runs", label: "Runs of each entry", min: 1, placeholder: "as the plan says" },
  { name: "seconds", label: "Seconds for each entry", min: 0, step: "any", placeholder: "as the plan says" },
  { name: "seed", label: "Seed", min: 0, max: Number.MAX_SAFE_INTEGER, placeholder: "0" },
  { name: "workers", label: "Workers", min: 1, placeholder: "one per core" },
];

export const newView = (root, signal) => {
  const starter = new Starter();
  const failure = element("p", { class: "bad", role: "alert" });
  const start = element("button", { type: "submit", class: "main", text: "Start" });
  const source = sourceOf(signal);
  const options = OPTIONS.map(optionField);
  const form = element(
    "form", { class: "new", novalidate: "" }, ...source.nodes,
    element("fieldset", { class: "options" }, element("legend", { text: "Options" }), ...options.map((one) => one.node)),
    element("div", { class: "buttons" }, start), failure);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(failure, "");
    const wrong = options.find((one) => !one.field.checkValidity());
    if (wrong) { say(failure, `${wrong.label}: ${wrong.field.validationMessage}`); wrong.field.focus(); return; }
    if (start.getAttribute("aria-busy")) return;
    start.setAttribute("aria-busy", "true");
    try {
      const body = Object.assign(source.body(), ...options.map((one) => one.body()));
      const campaign = await starter.start(body);
      live.learn(campaign);
      if (!signal.aborted) location.hash = hrefOf(campaign.id);
    } catch (error) {
      if (error.mistakes?.length) source.refuse(error);
      say(failure, error.message);
    } finally {
      start.removeAttribute("aria-busy");
    }
  });
  root.append(element("h1", { text: "New campaign" }), form);
  return "New campaign";
};

const optionField = ({ name, label, ...attributes }) => {
  const field = element("input", { id: `option-${name}`, type: "number", inputmode: "numeric", step: "1", ...attributes });
  return {
    label,
    field,
    node: element("div", {}, element("label", { for: field.id, text: label }), field),
    body: () => (field.value === "" ? {} : { [name]: Number(field.value) }),
  };
};

const OWN = "own";

// Where the plan comes from: radio buttons, the text of the one that is chosen, and the editor.
const sourceOf = (signal) => {
  const choices = element("div", { class: "choices" });
  const preview = element("pre", { class: "message", tabindex: "0", "aria-label": "The plan" });
  const edit = button("Change it", () => { write.write(preview.textContent); choose(OWN); write.field.focus(); });
  const shipped = element("div", { class: "shipped" }, preview, element("div", { class: "buttons" }, edit));
  const write = editor(() => mistakes.look(write.field.value));
  const mistakes = mistakeList({ mark: (lines) => write.mark(lines), go: (line) => write.go(line) }, signal);
  const own = element("div", { class: "own" }, element("label", { for: "plan-text", text: "The plan, in TOML" }), write.node, mistakes.node);
  const texts = new Map();
  let chosen = "";

  const choose = async (name) => {
    chosen = name;
    for (const one of choices.querySelectorAll("input")) one.checked = one.value === name;
    own.hidden = name !== OWN;
    shipped.hidden = name === OWN;
    if (name === OWN) { mistakes.look(write.field.value); return; }
    edit.hidden = true;
    try {
      if (!texts.has(name)) texts.set(name, (await get(`/api/plans/${encodeURIComponent(name)}`, signal)).text);
      if (chosen === name) { preview.textContent = texts.get(name); edit.hidden = false; }
    } catch (error) {
      if (chosen === name && !signal.aborted) preview.textContent = error.message;
    }
  };

  const choice = (value, title, more, size = "") => {
    const field = element("input", { type: "radio", name: "plan", value });
    field.addEventListener("change", () => choose(value));
    return element("label", { class: "card choice" }, field, element("span", {}, element("b", { text: title }), " ", element("span", { class: "share", text: size }), element("small", { text: more })));
  };

  const mine = choice(OWN, "Your own plan", "Write it here, or paste it; mistakes are shown at their lines.");
  const wait = element("p", { class: "empty", text: "Asking for the shipped plans …" });
  choices.append(wait, mine);
  get("/api/plans?limit=500", signal).then(({ items }) => {
    wait.remove();
    mine.before(...items.map(({ name, entries, summary }) => choice(name, name, summary, plural(entries.length, "entry", "entries"))));
    if (!chosen) choose((items.find((one) => one.name === "smoke") ?? items[0])?.name ?? OWN);
  }).catch((error) => {
    if (signal.aborted) return;
    wait.textContent = error.message;
    if (!chosen) choose(OWN);
  });
  own.hidden = shipped.hidden = true;

  return {
    nodes: [element("fieldset", {}, element("legend", { text: "Plan" }), choices), shipped, own],
    body: () => (chosen === OWN || !chosen ? { toml: write.field.value } : { shipped: chosen }),
    refuse: (error) => { if (chosen === OWN) mistakes.refuse(error); },
  };
};
