// Pieces of the page: what several views are made of.

import { save } from "./api.js";
import { answer } from "./news.js";
import { element } from "./report/elements.js";
import { token } from "./token.js";
import { moment, stamp, stateOf, verdictOf, whole } from "./words.js";

export { element };

export const button = (text, act, attributes = {}) => {
  const made = element("button", { type: "button", text, ...attributes });
  made.addEventListener("click", act);
  return made;
};

export const link = (href, text, attributes = {}) => element("a", { href, text, ...attributes });

// A link to a file of the service. A link shows no token: where there is one, the file is fetched
// with it, and saved; else a page opens beside this one, and anything else is saved. (A tab of what
// was fetched would have the policy and the origin of this page: no styles, no scripts, no sandbox.)
export const fileLink = (path, text, name, { page = false } = {}) => {
  const made = link(path, text, page ? { target: "_blank", rel: "noopener" } : { download: name });
  made.addEventListener("click", async (event) => {
    if (!token()) return;
    event.preventDefault();
    try {
      await save(path, name);
    } catch (error) {
      answer(error.message);
      made.title = error.message;
    }
  });
  return made;
};

export const entitle = (text) => { document.title = `${text} · emu`; };

// What stands in place of a view that could not be had.
export const failed = (error, again) => element(
  "div", { class: "failed", role: "alert" },
  element("p", { text: error.message }),
  element("div", { class: "buttons" }, button("Try again", again), link("#/", "All campaigns")),
);

export const pill = (kind, text) => element("span", { class: `pill ${kind}`, text });

export const hrefOf = (id, number) => `#/campaigns/${encodeURIComponent(id)}${number === undefined ? "" : `/findings/${number}`}`;

// Sets only what is another, so that a selection, and what is read aloud, is left in peace.
export const say = (node, text) => { if (node.textContent !== text) node.textContent = text; };

export const dress = (node, kind, text) => {
  const name = `pill ${kind}`;
  if (node.className !== name) node.className = name;
  say(node, text);
};

export const dressState = (node, campaign) => dress(node, stateOf(campaign).kind, campaign.state);

// A verdict of a campaign or an entry that is over; of one at work there is none yet.
export const dressVerdict = (node, met, over) => {
  const [kind, text] = verdictOf(met);
  node.hidden = !over && met === null;
  dress(node, kind, text);
};

export const timeOf = (seconds) => element("time", { datetime: stamp(seconds), text: moment(seconds) });

export const facts = (pairs) => element("dl", { class: "facts" }, ...pairs.filter(Boolean).map(([name, value]) => {
  const told = element("dd");
  told.append(value);
  return element("div", {}, element("dt", { text: name }), told);
}));

export const tile = (label) => {
  const value = element("b", { text: "–" });
  const note = element("small");
  const node = element("div", { class: "tile" }, value, element("span", { text: label }), note);
  return {
    node,
    show(text, more = "", kind = "") {
      say(value, text);
      say(note, more);
      node.className = `tile ${kind}`;
    },
  };
};

export const command = (text, what) => element(
  "div", { class: "command" },
  element("code", { text, tabindex: "0" }),
  element("button", { type: "button", class: "copy", text: "Copy", "aria-label": `Copy the ${what}` }),
);

// Children of `parent` for `items`, one each by its key: made once, then kept up to date.
export const keep = (parent, items, keyOf, make) => {
  const there = (parent.kept ??= new Map());
  const wanted = new Set(items.map(keyOf));
  for (const [key, { node }] of there) {
    if (!wanted.has(key)) { node.remove(); there.delete(key); }
  }
  items.forEach((item, at) => {
    const key = keyOf(item);
    if (!there.has(key)) there.set(key, make(item));
    const { node, show } = there.get(key);
    show?.(item);
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
};

// A table whose rows become cards where there is no room: each cell has the name of its column.
export const table = (label, columns) => {
  const head = element("tr", {}, ...columns.map(({ name, kind }) => element("th", { scope: "col", text: name, class: kind ?? "" })));
  const body = element("tbody");
  const node = element("table", { class: "list stack", "aria-label": label }, element("thead", {}, head), body);
  const row = (...cells) => element("tr", {}, ...cells.map((cell, at) => {
    const { name, kind } = columns[at];
    const made = element("td", { class: kind ?? "", "data-name": name });
    made.append(cell);
    return made;
  }));
  return { node, body, row };
};

// How outcomes are shared out: a bar, and in words. The styles know the colour of each.
export const outcomes = () => {
  const bar = element("span", { class: "shares", "aria-hidden": "true" });
  const words = element("span", { class: "words" });
  return {
    nodes: [bar, words],
    show(counts) {
      const all = Object.entries(counts).filter(([, count]) => count).sort((a, b) => b[1] - a[1]);
      bar.hidden = !all.length;
      keep(bar, all, ([name]) => name, ([name]) => {
        const node = element("span", { "data-outcome": name });
        return { node, show([, count]) { node.style.flexGrow = count; node.title = `${name}: ${whole(count)}`; } };
      });
      keep(words, all, ([name]) => name, ([name]) => {
        const count = element("b");
        const node = element("span", { class: "outcome" }, element("i", { "data-outcome": name, "aria-hidden": "true" }), `${name} `, count);
        return { node, show([, number]) { say(count, whole(number)); } };
      });
    },
  };
};
