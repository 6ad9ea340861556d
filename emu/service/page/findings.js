// The findings of a campaign, a page at a time.

import { get, pathOf } from "./api.js";
import { button, element, hrefOf, keep, link, pill, say, table, timeOf } from "./pieces.js";
import { STANDINGS, whole } from "./words.js";

const PAGE = 25;
const COLUMNS = [
  { name: "#", kind: "num" }, { name: "What it is", kind: "wide" }, { name: "Entry" }, { name: "Runs", kind: "num" },
  { name: "Deviations", kind: "num" }, { name: "First", kind: "when" },
];

export const findingsList = (id, signal) => {
  const { node: list, body, row } = table("Findings", COLUMNS);
  const none = element("p", { class: "empty", text: "Nothing was found yet.", hidden: "" });
  const where = element("span", { "aria-live": "polite" });
  const earlier = button("Earlier", () => turn(-1));
  const later = button("Later", () => turn(1));
  const pager = element("div", { class: "pager", role: "group", "aria-label": "Pages of findings" }, earlier, later, where);
  const card = element("div", { class: "card scroll" }, list);
  const node = element("section", {}, element("h2", { text: "Findings" }), none, card, pager);

  let cursors = [null]; // where each page up to this one begins
  let next = null;
  let total = -1;
  let asked = 0;

  const load = async () => {
    const after = cursors.at(-1);
    const query = after === null ? "" : `&after=${encodeURIComponent(after)}`;
    const own = asked += 1;
    try {
      const page = await get(`${pathOf(id, "findings")}?limit=${PAGE}${query}`, signal);
      if (own !== asked) return;
      next = page.next;
      keep(body, page.items, (one) => one.number, (one) => findingRow(id, one, row));
      none.hidden = page.items.length > 0 || cursors.length > 1;
      say(none, "Nothing was found yet.");
      card.hidden = !none.hidden;
      pager.hidden = cursors.length === 1 && next === null;
      const first = (cursors.length - 1) * PAGE + 1;
      say(where, page.items.length ? `${whole(first)} to ${whole(first + page.items.length - 1)} of ${whole(Math.max(total, page.items.length))}` : "");
      can(earlier, cursors.length > 1);
      can(later, next !== null);
    } catch (error) {
      if (signal.aborted || own !== asked) return;
      none.hidden = false;
      say(none, error.message);
    }
  };

  const turn = (by) => {
    if (by > 0 && next !== null) cursors.push(next);
    else if (by < 0 && cursors.length > 1) cursors = cursors.slice(0, -1);
    else return;
    load();
  };

  pager.hidden = true;
  card.hidden = true;
  return {
    node,
    // There are so many now; those of this page may have been told meanwhile.
    show(count) {
      total = count;
      load();
    },
  };
};

// A button that can do nothing now keeps the focus, unlike a disabled one.
const can = (made, able) => made.setAttribute("aria-disabled", String(!able));

const findingRow = (id, one, row) => {
  const [count, deviations, sentence] = [element("span"), element("span"), element("a", { href: hrefOf(id, one.number) })];
  const standing = element("span");
  const what = element("div", {}, sentence, " ", standing, element("code", { class: "signature", text: one.signature }));
  const node = row(link(hrefOf(id, one.number), whole(one.number), { tabindex: "-1" }), what, one.entry, count, deviations, one.first_time ? timeOf(one.first_time) : "");
  return {
    node,
    show(now) {
      say(sentence, now.sentence || now.kind || now.signature);
      say(count, whole(now.count));
      say(deviations, now.told && now.deviations !== null ? whole(now.deviations) : "–");
      const stands = now.trouble ? "no answer" : now.standing ?? "";
      if (standing.textContent !== stands) standing.replaceChildren(pill(STANDINGS[stands] ?? "open", stands));
    },
  };
};

