// What can be done with a campaign: pause, resume, stop, delete.

import { call, pathOf } from "./api.js";
import { confirmed } from "./confirming.js";
import { live } from "./live.js";
import { announce } from "./news.js";
import { button, element, say } from "./pieces.js";
import { stateOf } from "./words.js";

const DEEDS = {
  pause: { text: "Pause" },
  resume: { text: "Resume", kind: "main" },
  stop: {
    text: "Stop",
    ask: (id) => [`Stop ${id}?`, "It ends for good: what it counted and found so far is kept, but it cannot go on. To go on later, pause it."],
  },
  delete: {
    text: "Delete", kind: "danger", method: "DELETE",
    ask: (id) => [`Delete ${id}?`, "Its counts, its findings and its logs are gone for good."],
  },
};

export const deeds = (id, signal) => {
  const failure = element("p", { class: "bad", role: "alert" });
  const buttons = new Map();

  const act = async (name) => {
    const { text, method = "POST", ask } = DEEDS[name];
    const made = buttons.get(name);
    if (made.getAttribute("aria-busy") || (ask && !(await confirmed(...ask(id), text)))) return;
    made.setAttribute("aria-busy", "true");
    say(failure, "");
    try {
      const campaign = await call(method, method === "DELETE" ? pathOf(id) : pathOf(id, name));
      if (method === "DELETE") {
        live.forget(id);
        announce(`${id} is deleted.`);
        if (!signal.aborted) location.hash = "#/";
      } else {
        live.learn(campaign);
      }
    } catch (error) {
      say(failure, error.message);
    } finally {
      made.removeAttribute("aria-busy");
    }
  };

  for (const [name, { text, kind }] of Object.entries(DEEDS)) {
    buttons.set(name, button(text, () => act(name), { class: kind ?? "", "data-deed": name, hidden: "" }));
  }
  return {
    nodes: [...buttons.values(), failure],
    show(campaign) {
      const { does } = stateOf(campaign);
      let lost = false;
      for (const [name, made] of buttons) {
        lost ||= made === document.activeElement && !does.includes(name);
        made.hidden = !does.includes(name);
      }
      // The focus goes to what can be done now, not to the top of the page.
      if (lost) ([...buttons.values()].find((one) => !one.hidden) ?? document.getElementById("main")).focus();
    },
  };
};
