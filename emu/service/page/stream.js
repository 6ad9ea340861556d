// The one stream of news of the service, kept open: in a worker for all tabs, or in one tab.

import { bearer } from "./bearer.js";
import { messages } from "./messages.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
const SILENCE = 45_000; // a comment comes every 15 seconds

// `tell` is called with {campaign}, {deleted}, {campaigns: all of them} and {status}. All of them
// are told `anew` where the service may be another: what was known before counts for nothing.
// A status is {state, detail, until}: connecting, open, down until then, or token.
export class Stream {
  constructor(tell) {
    this.tell = tell;
    this.campaigns = new Map();
    this.known = false;
    this.all = null; // what was sent of all there is
    this.anew = false; // after a gap
    this.status = { state: "connecting" };
    this.token = "";
    this.last = "";
    this.running = null; // a mark of the loop that runs, as a stopped one may take a moment to end
  }

  snapshot() { return { campaigns: this.known ? [...this.campaigns.values()] : null, status: this.status }; }

  start() {
    if (this.running) return;
    this.running = {};
    this.run(this.running);
  }

  stop() {
    this.running = null;
    this.attempt?.abort();
    this.wake?.();
  }

  // Takes a token; if it is another one, tries it at once.
  use(token) {
    if (token === this.token) return;
    this.token = token;
    if (this.status.state !== "open") this.hurry();
  }

  hurry() {
    this.hurried = true;
    this.wake?.();
  }

  set(status) {
    this.status = status;
    this.tell({ status });
  }

  async run(own) {
    let pause = FIRST_PAUSE;
    while (this.running === own) {
      this.hurried = false;
      this.attempt = new AbortController();
      try {
        await this.listen(() => { pause = FIRST_PAUSE; });
        if (this.running !== own) return;
        this.lost(pause, "The stream of news ended.");
      } catch (error) {
        if (this.running !== own) return;
        if (error.status === 401) this.set({ state: "token", shown: error.shown });
        else this.lost(pause, error.status ? error.message : "The service does not answer.");
      }
      await this.rest(this.status.state === "token" ? null : pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  lost(pause, detail) { this.set({ state: "down", detail, until: Date.now() + pause }); }

  rest(pause) {
    if (this.hurried) return undefined;
    return new Promise((resolve) => {
      const timer = pause === null ? null : setTimeout(resolve, pause);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  async ask(path, headers = {}) {
    const shown = this.token;
    const response = await fetch(path, {
      headers: { ...headers, ...bearer(shown) }, signal: this.attempt.signal, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail || `The service answers with status ${response.status}.`), { status: response.status, shown });
  }

  async listen(opened) {
    const { attempt } = this;
    const headers = this.last ? { "Last-Event-ID": this.last } : {};
    let timer = setTimeout(() => attempt.abort(), SILENCE);
    try {
      const response = await this.ask("/api/events", headers);
      opened();
      this.set({ state: "open" });
      if (!this.last) this.all = new Map();
      for await (const message of messages(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => attempt.abort(), SILENCE);
        if (message) this.take(message);
      }
    } finally {
      clearTimeout(timer);
      attempt.abort();
    }
  }

  // What is sent is all there is, up to `ready`, in the beginning and after a gap; else it is new.
  take({ event, data, id }) {
    if (id) this.last = id;
    TAKES[event]?.(this, JSON.parse(data));
  }
}

const TAKES = {
  gap(stream) {
    stream.all = new Map();
    stream.anew = true;
  },

  campaign(stream, campaign) {
    stream.all?.set(campaign.id, campaign);
    stream.campaigns.set(campaign.id, campaign);
    stream.tell({ campaign });
  },

  deleted(stream, { id }) {
    stream.all?.delete(id);
    stream.campaigns.delete(id);
    stream.tell({ deleted: id });
  },

  ready(stream) {
    if (!stream.all) return;
    [stream.campaigns, stream.all, stream.known] = [stream.all, null, true];
    stream.tell({ campaigns: [...stream.campaigns.values()], anew: stream.anew });
    stream.anew = false;
  },
};
