// The page: which view the address asks for, and what stands around it.

import "./report/copying.js";
import "./report/theme.js";
import "./report/tips.js";

import { campaignView } from "./campaign.js";
import { findingView } from "./finding.js";
import { homeView } from "./home.js";
import { connect, live } from "./live.js";
import { newView } from "./new.js";
import { watchStatus } from "./notice.js";
import { element, entitle, link, say } from "./pieces.js";
import { askAgain, onToken, tokenFromAddress } from "./token.js";

const VIEWS = [
  [/^#?\/?$/, homeView, "#/"],
  [/^#\/new$/, newView, "#/new"],
  [/^#\/campaigns\/([^/]+)$/, campaignView, "#/"],
  [/^#\/campaigns\/([^/]+)\/findings\/(\d+)$/, findingView, "#/"],
];

const main = document.getElementById("main");
const view = document.getElementById("view");
let shown = null;

const lost = (root) => {
  root.append(
    element("h1", { text: "There is no such page" }),
    element("p", {}, "Back to ", link("#/", "all campaigns"), "."));
  return "Not found";
};

const read = (pattern) => {
  try {
    return location.hash.match(pattern).slice(1).map(decodeURIComponent);
  } catch {
    return null; // a percent sign that means nothing
  }
};

const route = () => {
  tokenFromAddress();
  askAgain();
  const found = VIEWS.find(([pattern]) => pattern.test(location.hash));
  const words = found && read(found[0]);
  const [, show, section] = words ? found : [null, lost, ""];
  const first = shown === null;
  shown?.abort();
  shown = new AbortController();
  const root = element("div");
  entitle(show(root, shown.signal, ...(words ?? [])));
  view.replaceChildren(root);
  for (const one of document.querySelectorAll(".side li a")) {
    if (one.getAttribute("href") === section) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
  if (first) return;
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
};

// Hashes are addresses here, so that skipping must not change them.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

const count = document.getElementById("count");
live.on(() => say(count, live.campaigns.size ? String(live.campaigns.size) : ""));
watchStatus();
tokenFromAddress();
connect();
onToken(() => { if (view.querySelector(".failed")) route(); });
addEventListener("hashchange", route);
route();
