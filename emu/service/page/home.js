// All campaigns, as they go on, and what was found last.

import { call, get, pathOf } from "./api.js";
import { live } from "./live.js";
import { newestList } from "./newest.js";
import { announce } from "./news.js";
import { button, dressState, dressVerdict, element, hrefOf, keep, link, outcomes, say, tile, timeOf } from "./pieces.js";
import { progress } from "./progress.js";
import { freshKey } from "./starting.js";
import { isAtWork, plural, rate, whole } from "./words.js";

const MOST_NEWEST = 8;
const ASKED = 6; // of so many campaigns the newest findings are asked for

export const homeView = (root, signal) => {
  const head = element("header", { class: "head" }, element("h1", { text: "Campaigns" }), link("#/new", "New campaign", { class: "button main" }));
  const tiles = ["at work", "runs a second", "runs", "findings"].map(tile);
  const row = element("div", { class: "tiles" }, ...tiles.map((one) => one.node));
  const cards = element("ul", { class: "campaigns" });
  const news = newestList("Newest findings", { campaigns: true });
  const empty = welcome();
  const waiting = element("p", { class: "empty", text: "Asking the service …" });
  root.append(head, waiting, empty, row, cards, news.node);
  const newest = gatherNewest(signal, (found) => news.show(found));

  live.on(() => {
    const all = [...live.campaigns.values()].sort(byWork);
    waiting.hidden = live.known || all.length > 0 || live.status.state !== "connecting";
    empty.hidden = !live.known || all.length > 0;
    row.hidden = cards.hidden = !all.length;
    const working = all.filter(isAtWork);
    const sum = (name) => all.reduce((total, one) => total + one[name], 0);
    tiles[0].show(whole(working.length), `of ${whole(all.length)}`);
    tiles[1].show(rate(working.reduce((total, one) => total + (one.runs_per_second ?? 0), 0)));
    tiles[2].show(whole(sum("runs")));
    tiles[3].show(whole(sum("findings")), sum("troubles") ? `and ${plural(sum("troubles"), "run")} without an answer` : "");
    keep(cards, all, (one) => one.id, card);
    newest(all);
  }, signal);
  return "Campaigns";
};

const byWork = (a, b) => isAtWork(b) - isAtWork(a) || b.created - a.created || (a.id < b.id ? 1 : -1);

const card = ({ id, name, created }) => {
  const [state, verdict, why] = [element("span"), element("span"), element("p", { class: "aside" })];
  const bar = progress(`Progress of ${id}`);
  const shares = outcomes();
  const [runs, speed, entries, found] = ["runs", "a second", "entries met", "findings"].map((label) => {
    const value = element("b");
    return { value, node: element("span", {}, value, ` ${label}`) };
  });
  const node = element(
    "li", { class: "card campaign" },
    element("div", { class: "what" },
      element("h2", {}, link(hrefOf(id), name), " ", state, " ", verdict),
      element("p", { class: "eyebrow" }, id, " · ", timeOf(created)), why),
    element("div", { class: "how" }, bar.node, ...shares.nodes),
    element("p", { class: "figures" }, runs.node, entries.node, found.node, speed.node),
  );
  return {
    node,
    show(campaign) {
      dressState(state, campaign);
      dressVerdict(verdict, campaign.met, !isAtWork(campaign));
      say(why, campaign.why);
      why.hidden = !campaign.why;
      bar.show(campaign);
      shares.show(campaign.outcomes);
      say(runs.value, whole(campaign.runs));
      say(speed.value, rate(campaign.runs_per_second ?? 0));
      speed.node.hidden = !isAtWork(campaign);
      say(entries.value, `${campaign.entries_met} of ${campaign.entries_total}`);
      say(found.value, whole(campaign.findings));
    },
  };
};

// Asks those campaigns for their newest findings whose count of findings is another than it was.
const gatherNewest = (signal, show) => {
  const known = new Map();
  let asking = false;
  const look = async (campaigns) => {
    if (asking || signal.aborted) return;
    const wanted = campaigns.filter((one) => one.findings || one.troubles).slice(0, ASKED);
    const stale = wanted.find((one) => known.get(one.id)?.count !== one.findings + one.troubles);
    const ids = new Set(wanted.map((one) => one.id));
    show([...known].filter(([id]) => ids.has(id)).flatMap(([id, { newest }]) => newest.map((one) => ({ ...one, campaign: id })))
      .sort((a, b) => b.time - a.time).slice(0, MOST_NEWEST));
    if (!stale) return;
    asking = true;
    try {
      const { newest } = await get(pathOf(stale.id), signal);
      const count = stale.findings + stale.troubles;
      if (known.has(stale.id) && count > known.get(stale.id).count) {
        announce(`${stale.name}: ${plural(count - known.get(stale.id).count, "new finding")}.`);
      }
      known.set(stale.id, { count, newest });
    } catch {
      known.set(stale.id, { count: stale.findings + stale.troubles, newest: known.get(stale.id)?.newest ?? [] });
    } finally {
      asking = false;
    }
    look([...live.campaigns.values()].sort(byWork));
  };
  return look;
};

// What a new user does first.
const welcome = () => {
  const failure = element("p", { class: "bad", role: "alert" });
  const key = freshKey();
  const start = button("Start smoke", async () => {
    try {
      const { id } = await call("POST", "/api/campaigns", { body: { shipped: "smoke" }, key });
      location.hash = hrefOf(id);
    } catch (error) { failure.textContent = error.message; }
  }, { class: "main" });
  return element(
    "section", { class: "card welcome", "aria-labelledby": "welcome" },
    element("h2", { id: "welcome", text: "Nothing has run here yet" }),
    element("ol", {},
      element("li", {}, element("b", { text: "Start smoke. " }), "It soaks the programs of two real bugs of the Go runtime, before and after their fixes. It takes less than a minute."),
      element("li", {}, element("b", { text: "Watch. " }), "Runs are counted as they end; what they find is listed at once."),
      element("li", {}, element("b", { text: "Open a finding. " }), "It has the message, the timeline of the run, and a line that replays it at the prompt.")),
    element("div", { class: "buttons" }, start, link("#/new", "Another plan, or your own")),
    failure,
  );
};
