// Says when the service cannot be heard, and when it is tried again.

import { live } from "./live.js";
import { announce } from "./news.js";
import { button, element, say } from "./pieces.js";
import { askAgain, askToken, token } from "./token.js";

const notice = document.getElementById("notice");
const sentence = element("span");
const wait = element("span", { "aria-hidden": "true" });
const again = button("Try now", () => live.hurry());
const enter = button("Enter the token", () => { askAgain(); askToken(token()); });
notice.append(sentence, wait, again, enter);

let was = "connecting";
let timer = null;

const tick = () => {
  const left = Math.ceil((live.status.until - Date.now()) / 1000);
  say(wait, left > 0 ? ` Trying again in ${left} s.` : " Trying again …");
};

const SAYS = {
  connecting: () => "",
  open: () => "",
  down: ({ detail }) => `${detail} What is shown may be out of date.`,
  token: () => "The service asks for a token.",
};

const show = () => {
  const { status } = live;
  const text = SAYS[status.state](status);
  notice.hidden = !text;
  document.documentElement.dataset.live = status.state;
  say(sentence, text);
  wait.hidden = again.hidden = status.state !== "down";
  enter.hidden = status.state !== "token";
  clearInterval(timer);
  if (status.state === "down") { tick(); timer = setInterval(tick, 500); }
  if (was === "down" && status.state === "open") announce("The service answers again.");
  was = status.state;
};

export const watchStatus = () => live.on(show);
