// One campaign: how it gets on, what can be done with it, what it found.

import { deeds } from "./deeds.js";
import { entriesTable } from "./entries.js";
import { findingsList } from "./findings.js";
import { get, pathOf } from "./api.js";
import { Rates, ratesChart } from "./chart.js";
import { live } from "./live.js";
import { newestList } from "./newest.js";
import { announce } from "./news.js";
import { dressState, dressVerdict, element, entitle, failed, fileLink, link, outcomes, say, tile } from "./pieces.js";
import { progress } from "./progress.js";
import { readPast } from "./past.js";
import { duration, isAtWork, plural, rate, whole } from "./words.js";

const PAUSE = 1_000; // between two looks at all of it

export const campaignView = (root, signal, id) => {
  const [state, verdict, why] = [element("span"), element("span"), element("p", { class: "lead" })];
  const [name, born] = [element("span", { text: id }), element("p", { class: "eyebrow" }, link("#/", "Campaigns"), " / ", id)];
  const acts = deeds(id, signal);
  const bar = progress(`Progress of ${id}`);
  const shares = outcomes();
  const tiles = ["runs", "runs a second", "findings", "entries met", "time at work"].map(tile);
  const rates = new Rates();
  const chart = ratesChart(rates);
  const newest = newestList("Newest findings");
  const entries = entriesTable();
  const findings = findingsList(id, signal);
  const body = element("div", {},
    element("header", {}, born, element("h1", {}, name, " ", state, " ", verdict), why),
    element("div", { class: "deeds" }, ...acts.nodes, fileLink(pathOf(id, "report"), "Report", `${id}.html`, { page: true })),
    bar.node, ...shares.nodes,
    element("div", { class: "tiles" }, ...tiles.map((one) => one.node)),
    chart.node, newest.node, entries.node, findings.node, planText(id, signal));
  root.append(body);

  let known = null;
  let shown = "";
  let pastRead = false;
  let looking = false;
  let listed = false; // the stream tells of it; of very many campaigns it tells the latest

  const note = (campaign) => {
    if (!pastRead) return;
    rates.add(campaign.seconds, campaign.runs);
    chart.draw();
  };

  const brief = (campaign) => {
    say(name, campaign.name);
    entitle(`${campaign.name} · ${campaign.state}`);
    dressState(state, campaign);
    dressVerdict(verdict, campaign.met, !isAtWork(campaign));
    say(why, campaign.why);
    why.hidden = !campaign.why;
    acts.show(campaign);
    bar.show(campaign);
    shares.show(campaign.outcomes);
    tiles[0].show(whole(campaign.runs), campaign.workers ? plural(campaign.workers, "worker") : "");
    tiles[1].show(rate(campaign.runs_per_second ?? 0));
    tiles[2].show(whole(campaign.findings), campaign.troubles ? `and ${whole(campaign.troubles)} without an answer` : "");
    tiles[3].show(`${campaign.entries_met} of ${campaign.entries_total}`);
    tiles[4].show(duration(campaign.seconds), campaign.seconds_left === null ? "" : `${duration(campaign.seconds_left)} left at most`);
    note(campaign);
  };

  const look = async () => {
    looking = true;
    try {
      const found = await get(pathOf(id), signal);
      tell(known, found);
      known = found;
      if (!live.campaigns.has(id)) brief(found);
      entries.show(found.entries);
      newest.show(found.newest.map((one) => ({ ...one, campaign: id })));
      findings.show(found.findings + found.troubles);
    } catch (error) {
      if (signal.aborted) return;
      if (!known) { root.replaceChildren(failed(error, () => dispatchEvent(new HashChangeEvent("hashchange")))); return; }
      if (error.status === 404) gone();
      else shown = ""; // to look again, once the service answers
    } finally {
      setTimeout(() => { looking = false; if (!signal.aborted) follow(); }, PAUSE);
    }
  };

  const gone = () => {
    acts.show({ state: "deleted" });
    say(why, "This campaign was deleted.");
    why.hidden = false;
  };

  const follow = () => {
    const campaign = live.campaigns.get(id);
    if (!campaign) { if (listed) gone(); return; }
    listed = true;
    brief(campaign);
    const now = JSON.stringify([campaign.state, campaign.met, campaign.runs, campaign.findings, campaign.entries_met]);
    if (now === shown || looking || live.status.state !== "open" || document.visibilityState === "hidden") return;
    shown = now;
    look();
  };

  if (live.campaigns.has(id)) brief(live.campaigns.get(id));
  look().then(async () => {
    if (!known) return;
    live.on(follow, signal);
    document.addEventListener("visibilitychange", follow, { signal });
    await readPast(id, known.runs, (seconds, runs) => rates.add(seconds, runs), signal).catch(() => {});
    pastRead = true;
    note(live.campaigns.get(id) ?? known);
  });
  return id;
};

// What is worth saying aloud.
const tell = (before, now) => {
  if (!before) return;
  const more = now.findings + now.troubles - before.findings - before.troubles;
  if (more > 0) announce(`${plural(more, "new finding")}: ${now.newest[0]?.signature ?? ""}`);
  if (now.state !== before.state) announce(`${now.name} is ${now.state}.`);
};

const planText = (id, signal) => {
  const text = element("pre", { class: "message", tabindex: "0", "aria-label": "The plan" });
  const node = element("details", { class: "plan" }, element("summary", { text: "The plan" }), text);
  node.addEventListener("toggle", async () => {
    if (!node.open || text.textContent) return;
    try {
      text.textContent = await get(pathOf(id, "plan"), signal);
    } catch (error) {
      if (!signal.aborted) text.textContent = error.message;
    }
  });
  return node;
};
