// Calls of the service.

import { bearer } from "./bearer.js";
import { askToken, token } from "./token.js";

// What the service said no to: `message` is its sentence, `mistakes` are those of a plan.
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The service answers with status ${status}.`);
    this.status = status;
    this.mistakes = problem.mistakes ?? [];
  }
}

// It said nothing.
export class Silence extends Error {
  constructor() { super("The service does not answer."); }
}

// Whole numbers that a number of JavaScript cannot hold, such as seeds, are kept as text.
const exactly = (text) => JSON.parse(text, (key, value, context) => (
  typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
    ? context.source : value));

const send = async (method, path, { headers, body, signal }) => {
  for (;;) {
    const shown = token();
    let response;
    try {
      response = await fetch(path, {
        method, signal, body, headers: { ...headers, ...bearer(shown) }, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
      });
    } catch (error) {
      throw error.name === "AbortError" ? error : new Silence();
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    if (response.status !== 401 || !(await askToken(shown))) throw new Refusal(response.status, problem);
  }
};

// The answer: of JSON its value, of other types its text.
export const call = async (method, path, { body, key, signal } = {}) => {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const response = await send(method, path, { headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  const text = await response.text();
  return /\bjson\b/.test(response.headers.get("Content-Type") ?? "") && text ? exactly(text) : text;
};

export const get = (path, signal) => call("GET", path, { signal });

export const pathOf = (id, ...rest) => ["/api/campaigns", encodeURIComponent(id), ...rest].join("/");

// The body of an answer as it comes.
export const open = async (path, signal) => (await send("GET", path, { signal })).body;

// A file that a link cannot ask for, as a link shows no token.
export const save = async (path, name) => {
  const blob = await (await send("GET", path, {})).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};
