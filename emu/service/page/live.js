// What this tab knows of all campaigns, kept up to date by the stream of the worker, or its own.

import { Stream } from "./stream.js";
import { askToken, onToken, takeToken, token } from "./token.js";

const listeners = new Set();
const gone = new Set(); // deleted, and the stream has not said so yet
let due = false;
let post = null;

export const live = {
  campaigns: new Map(),
  known: false,
  status: { state: "connecting" },

  // Calls `listener` after changes, once a frame at most, until `signal` is aborted.
  on(listener, signal) {
    listeners.add(listener);
    signal?.addEventListener("abort", () => listeners.delete(listener));
    listener();
  },

  hurry() { post({ does: "hurry" }); },

  // What an answer of the service said of a campaign, before the stream says it.
  learn(campaign) {
    gone.delete(campaign.id);
    take({ campaign });
  },
  forget(id) {
    take({ deleted: id });
    gone.add(id);
  },
};

const changed = () => {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    for (const listener of [...listeners]) listener();
  });
};

// An answer may overtake the stream: then the stream still tells of what was before.
const newest = (campaign) => {
  const known = live.campaigns.get(campaign.id);
  return known?.revision > campaign.revision ? known : campaign;
};

const takeAll = (campaigns, anew) => {
  if (anew) gone.clear();
  const there = campaigns.filter(({ id }) => !gone.has(id));
  live.campaigns = new Map(there.map((one) => [one.id, anew ? one : newest(one)]));
  live.known = true;
};

const take = ({ anew, campaigns, campaign, deleted, status, token: shared }) => {
  if (shared) takeToken(shared);
  if (campaigns) takeAll(campaigns, anew);
  if (campaign && !gone.has(campaign.id)) live.campaigns.set(campaign.id, newest(campaign));
  if (deleted) {
    gone.delete(deleted);
    live.campaigns.delete(deleted);
  }
  if (status) {
    live.status = status;
    if (status.state === "token") showToken(status.shown);
  }
  changed();
};

const showToken = async (refused) => {
  if (await askToken(refused)) post({ does: "token", token: token() });
};

const bySharing = () => {
  const worker = new SharedWorker(new URL("./worker.js", import.meta.url), { type: "module", name: "emu" });
  const { port } = worker;
  let heard = false;
  port.onmessage = ({ data }) => { heard = true; take(data); };
  worker.addEventListener("error", () => { if (!heard) byItself(); });
  post = (message) => port.postMessage(message);
  const hello = () => post({ does: "hello", token: token() });
  hello();
  addEventListener("pagehide", () => post({ does: "bye" }));
  addEventListener("pageshow", (event) => { if (event.persisted) hello(); });
};

// Without a worker a tab has a stream of its own, while somebody looks at it.
const byItself = () => {
  const stream = new Stream(take);
  stream.use(token());
  const DOES = { hurry: () => stream.hurry(), token: (message) => stream.use(message.token) };
  post = (message) => DOES[message.does]?.(message);
  const follow = () => (document.visibilityState === "visible" ? stream.start() : stream.stop());
  document.addEventListener("visibilitychange", follow);
  follow();
};

export const connect = () => {
  onToken((text) => post({ does: "token", token: text }));
  if (typeof SharedWorker === "undefined") byItself();
  else bySharing();
};
