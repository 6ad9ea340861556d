// One finding: what it says, its timeline, the way back to it.

import { get, pathOf } from "./api.js";
import { command, element, entitle, facts, failed, fileLink, hrefOf, link, pill, timeOf } from "./pieces.js";
import { Timeline } from "./report/timeline.js";
import { token } from "./token.js";
import { STANDINGS, plural, whole } from "./words.js";

let figures = 0;

export const findingView = (root, signal, id, number) => {
  const waiting = element("p", { class: "empty", text: "Asking the service …" });
  root.append(waiting);
  const again = () => dispatchEvent(new HashChangeEvent("hashchange"));
  get(pathOf(id, "findings", number), signal).then(
    (found) => { root.replaceChildren(...parts(id, found, signal)); },
    (error) => { if (!signal.aborted) root.replaceChildren(failed(error, again)); },
  );
  return `Finding ${number} of ${id}`;
};

const COMMAND = "emu replay ";

// The way back as it is from here: the service does not know of a proxy that speaks TLS.
const fromHere = (found, address) => {
  if (!found.replay) return found;
  const told = found.replay.replace(COMMAND, "");
  return { ...found, message: found.message.replaceAll(told, address), replay: COMMAND + address };
};

const parts = (id, given, signal) => {
  const { number } = given;
  const at = (...rest) => pathOf(id, "findings", number, ...rest);
  const found = fromHere(given, location.origin + at());
  const [headline, body] = retell(found.message);
  entitle(`#${number} ${found.signature}`);
  const trail = element("nav", { class: "eyebrow trail", "aria-label": "Where this is" }, link("#/", "Campaigns"), " / ", link(hrefOf(id), id), ` / ${found.trouble ? "no answer" : "finding"} ${number}`);
  const tags = element("p", { class: "tags" });
  if (found.standing) tags.append(pill(STANDINGS[found.standing] ?? "open", found.standing));
  if (found.trouble) tags.append(pill("open", "no answer"));
  const file = `${id}-${number}`;
  const links = [
    fileLink(at("report"), "Report", `${file}.html`, { page: true }),
    found.has_log && fileLink(at("log"), "Log", `${file}.jsonl`),
    found.has_log && fileLink(at("trace"), "Trace", `${file}.trace.json`),
    found.tape && fileLink(at("tape"), "Tape", `${file}.tape`),
    found.tape && fileLink(at("file"), "Finding", `${file}.json`),
    fileLink(at("message"), "Message", `${file}.txt`),
  ].filter(Boolean);
  return [
    trail,
    element("header", {}, element("h1", { class: "sentence", text: headline || found.sentence || found.signature }), tags,
      element("p", {}, element("code", { class: "signature", text: found.signature }))),
    facts([
      ["entry", element("b", { text: found.entry })],
      ["seen in", found.runs ? `${whole(found.count)} of ${plural(found.runs, "run")}` : plural(found.count, "run")],
      ["first run", whole(found.first_run)],
      found.strategy && ["strategy", `${found.strategy}, seed ${found.seed}`],
      found.tape && ["deviations", String(found.deviations)],
      found.first_time && ["first", timeOf(found.first_time)],
      found.last_time && ["last", timeOf(found.last_time)],
    ]),
    found.replay ? replay(found) : "",
    element("section", {}, element("h2", { text: "What happened" }),
      body ? element("pre", { class: "message", tabindex: "0", "aria-label": "Message and schedule", text: body })
        : element("p", { class: "empty", text: found.trouble || found.told ? "There is no more to say of it." : "Its message is being made: it is replayed, and simplified." }),
      found.evidence ? element("pre", { class: "message", tabindex: "0", "aria-label": "Evidence", text: found.evidence }) : ""),
    timeline(at("scene"), `Timeline of finding ${number}: ${found.sentence || found.signature}`, signal),
    element("section", {}, element("h2", { text: "Files" }), element("p", { class: "files" }, ...links)),
  ];
};

const replay = ({ replay: line, replays }) => element(
  "section", {}, element("h2", { text: "Replay it" }), command(line, "replay line"),
  token() ? element("p", { class: "aside" }, "It needs the token: in ", element("code", { text: "EMU_TOKEN" }), ", or in a file, as ", element("code", { text: "emu --token-file FILE replay" }), " …") : "",
  replays === false ? element("p", { class: "notice", text: "It did not give the same again when it was tried." }) : "");

// The first line of a message is its headline; the rest is indented below it.
const retell = (message) => {
  const [first, ...rest] = (message ?? "").split("\n");
  const indent = Math.min(...rest.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return [first, rest.map((line) => line.slice(indent)).join("\n").replace(/^\n+|\s+$/g, "")];
};

const timeline = (path, label, signal) => {
  const figure = element("figure", { class: "timeline", "data-title": label });
  const waiting = element("p", { class: "empty", text: "Asking for its log …" });
  const section = element("section", {}, element("h2", { text: "Timeline" }), waiting, figure);
  get(path, signal).then((scene) => {
    waiting.remove();
    new Timeline(figure, scene, figures += 1).wake();
  }).catch((error) => {
    if (!signal.aborted) { figure.remove(); waiting.textContent = `No timeline: ${error.message}`; }
  });
  return section;
};
