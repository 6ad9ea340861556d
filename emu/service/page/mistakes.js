// The mistakes of a plan: asked for while it is typed, and a list that leads to their lines.

import { call } from "./api.js";
import { button, element, say } from "./pieces.js";
import { plural } from "./words.js";

const PAUSE = 400;

// `mark` is called with the lines that have mistakes, `go` with the one that was chosen.
export const mistakeList = ({ mark, go }, signal) => {
  const verdict = element("p", { id: "plan-check", class: "check", role: "status" });
  const list = element("ul", { class: "mistakes", "aria-label": "Mistakes" });
  const node = element("div", {}, verdict, list);
  let timer = null;
  let asking = null;

  const show = (kind, text, mistakes = []) => {
    verdict.className = `check ${kind}`;
    say(verdict, text);
    list.replaceChildren(...mistakes.map(({ line, key, detail }) => {
      const told = [key && element("code", { text: key }), detail].filter(Boolean).flatMap((part) => [" ", part]);
      const where = element("b", { text: line ? `line ${line}` : "the plan" });
      if (!line) return element("li", {}, where, ...told);
      const made = button("", () => go(line));
      made.append(where, ...told);
      return element("li", {}, made);
    }));
    mark(mistakes.map((one) => one.line).filter(Boolean));
  };

  const check = async (toml) => {
    asking?.abort();
    asking = new AbortController();
    const { signal: own } = asking;
    signal.addEventListener("abort", () => asking.abort());
    try {
      const { name, entries } = await call("POST", "/api/plans/check", { body: { toml }, signal: own });
      if (!own.aborted) show("good", `No mistakes: ${name}, ${plural(entries.length, "entry", "entries")}.`);
    } catch (error) {
      if (!own.aborted) refuse(error);
    }
  };

  const refuse = (error) => {
    const { mistakes = [] } = error;
    show("bad", mistakes.length ? `${plural(mistakes.length, "mistake")}:` : error.message, mistakes);
  };

  return {
    node,
    refuse,
    look(text) {
      clearTimeout(timer);
      asking?.abort();
      if (!text.trim()) { show("", "Write a plan, or paste one; it is checked as you type."); return; }
      timer = setTimeout(() => check(text), PAUSE);
    },
  };
};
