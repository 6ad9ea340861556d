// Numbers, times and states, in words.

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
export const whole = (number) => WHOLE.format(number);

export const plural = (number, noun, many = `${noun}s`) => `${whole(number)} ${number === 1 ? noun : many}`;

export const rate = (number) => (number >= 10 || number === 0 ? whole(number) : number.toPrecision(2));

export const duration = (seconds) => {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const all = Math.round(seconds);
  const [d, h, m, s] = [Math.floor(all / 86400), Math.floor(all / 3600) % 24, Math.floor(all / 60) % 60, all % 60];
  if (d) return `${d} d ${h} h`;
  if (h) return `${h} h ${m} min`;
  return m ? `${m} min ${s} s` : `${s} s`;
};

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

// A moment, given in seconds since 1970, by the clock of who reads.
export const moment = (seconds) => {
  const date = new Date(seconds * 1000);
  return (date.toDateString() === new Date().toDateString() ? TIME : DAY).format(date);
};

export const stamp = (seconds) => new Date(seconds * 1000).toISOString();

// States of a campaign: how their pill looks, and what can be done in them.
export const STATES = {
  waiting: { kind: "calm", does: ["stop"] },
  running: { kind: "busy", does: ["pause", "stop"] },
  pausing: { kind: "open", does: ["stop"] },
  paused: { kind: "open", does: ["resume", "stop", "delete"] },
  stopping: { kind: "calm", does: [] },
  stopped: { kind: "calm", does: ["delete"] },
  done: { kind: "good", does: ["delete"] },
  failed: { kind: "bad", does: ["resume", "delete"] },
};
export const stateOf = (campaign) => STATES[campaign.state] ?? { kind: "calm", does: [] };
export const isAtWork = ({ state }) => ["waiting", "running", "pausing", "stopping"].includes(state);

// Verdicts: met or not, or nobody knows.
export const verdictOf = (met) => (met === true ? ["good", "met"] : met === false ? ["bad", "not met"] : ["open", "unknown"]);

export const STANDINGS = { expected: "good", allowed: "calm", "not allowed": "bad" };
