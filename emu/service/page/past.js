// The past of a campaign out of its events: how many runs it had after how much time at work.

import { open, pathOf } from "./api.js";
import { messages } from "./messages.js";

const PATIENCE = 1_500;

// Reads events until those of the runs that are counted by now have come, or none come any more.
export const readPast = async (id, runs, add, signal) => {
  const reading = new AbortController();
  signal.addEventListener("abort", () => reading.abort());
  let timer = null;
  const wait = () => { clearTimeout(timer); timer = setTimeout(() => reading.abort(), PATIENCE); };
  const past = new Past(add);
  try {
    wait();
    for await (const message of messages(await open(pathOf(id, "events"), reading.signal))) {
      if (!message || message.event === "close") continue;
      wait();
      past.take(JSON.parse(message.data));
      if (past.runs >= runs) break;
    }
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  } finally {
    clearTimeout(timer);
    reading.abort();
  }
};

// A campaign that was resumed has several beginnings; the time between does not count.
class Past {
  constructor(add) {
    this.add = add;
    this.totals = new Map();
    this.runs = 0;
    this.before = 0;
    this.began = null;
    this.last = null;
  }

  take({ event, time, plan, entry, total }) {
    if (event === "begin") {
      this.before = this.worked();
      this.began = time;
    }
    this.last = time;
    if (event !== "harvest") return;
    const key = JSON.stringify([plan, entry]);
    this.runs += total - (this.totals.get(key) ?? 0);
    this.totals.set(key, total);
    this.add(this.worked(), this.runs);
  }

  worked() { return this.began === null ? 0 : this.before + this.last - this.began; }
}
