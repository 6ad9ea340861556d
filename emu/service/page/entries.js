// The entries of a campaign: what came of them, and whether that was expected.

import { dressVerdict, element, keep, outcomes, say, table } from "./pieces.js";
import { plural, whole } from "./words.js";

const COLUMNS = [
  { name: "Entry" }, { name: "Outcomes", kind: "wide" }, { name: "Runs", kind: "num" },
  { name: "Findings", kind: "num" }, { name: "Expectation" },
];

export const entriesTable = () => {
  const { node, body, row } = table("Entries", COLUMNS);
  return {
    node: element("section", {}, element("h2", { text: "Entries" }), element("div", { class: "card scroll" }, node)),
    show(entries) { keep(body, entries, (one) => JSON.stringify([one.plan, one.entry]), (one) => entryRow(one, row)); },
  };
};

const entryRow = (entry, row) => {
  const shares = outcomes();
  const [runs, budget, found] = [element("span"), element("small"), element("span")];
  const [verdict, far, reason] = [element("span"), element("small"), element("small", { class: "why" })];
  return {
    node: row(element("b", { text: entry.entry }), element("div", {}, ...shares.nodes), element("div", {}, runs, budget), found, element("div", {}, verdict, far, element("small", { class: "why", text: `expects ${entry.expected}` }), reason)),
    show(now) {
      shares.show(now.outcomes);
      say(runs, whole(now.runs));
      say(budget, now.budget === null ? "" : ` of ${whole(now.budget)}`);
      say(found, whole(now.findings));
      dressVerdict(verdict, now.over ? now.met : now.met_so_far, true);
      say(far, now.over ? "" : now.workers ? ` so far, ${plural(now.workers, "worker")} at it` : " so far");
      say(reason, now.reason);
    },
  };
};
