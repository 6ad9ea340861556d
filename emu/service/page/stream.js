// The one stream of news of the service, kept open: in a worker for all tabs, or in one tab.

import { bearer } from "./bearer.js";
import { messages } from "./messages.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
const SILENCE = 45_000; // a comment comes every 15 seconds
const PAGE = 500;

// `tell` is called with {campaign}, {deleted}, {campaigns: all of them} and {status}.
// A status is {state, detail, until}: connecting, open, down until then, or token.
export class Stream {
  constructor(tell) {
    this.tell = tell;
    this.campaigns = new Map();
    this.known = false;
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
      this.since = new Map();
      this.count();
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

  take({ event, data, id }) {
    if (id) this.last = id;
    if (event === "gap") this.count();
    if (event !== "campaign" && event !== "deleted") return;
    const value = JSON.parse(data);
    if (event === "campaign") {
      this.since.set(value.id, value);
      this.campaigns.set(value.id, value);
      this.tell({ campaign: value });
    } else {
      this.since.set(value.id, null);
      this.campaigns.delete(value.id);
      this.tell({ deleted: value.id });
    }
  }

  // All there are, by a list: what is not in it is gone; what news told meanwhile is newer.
  async count() {
    try {
      const listed = new Map();
      for (let after = ""; after !== null;) {
        const query = after === "" ? "" : `&after=${encodeURIComponent(after)}`;
        const { items, next } = await (await this.ask(`/api/campaigns?limit=${PAGE}${query}`)).json();
        for (const item of items) listed.set(item.id, item);
        after = next;
      }
      for (const [id, value] of this.since) {
        if (value) listed.set(id, value);
        else listed.delete(id);
      }
      this.campaigns = listed;
      this.known = true;
      this.tell({ campaigns: [...listed.values()] });
    } catch {
      this.attempt.abort(); // the stream begins anew, and counts anew
    }
  }
}
