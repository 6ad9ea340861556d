// What is known of the bar or mark that the pointer is at, or that was chosen.

import { placeOf, sayNumber, sayTime, whatOf } from "./scene.js";

const factsOf = (item) => {
  const { begin, end } = item;
  const facts = [["thread", item.thread.name]];
  if (item.type === "bar") {
    const lasts = end.open ? "it did not end" : `${sayNumber(end.step - begin.step)} steps, ${sayTime(end.t - begin.t)}`;
    facts.push(["from", `step ${sayNumber(begin.step)}, ${sayTime(begin.t)}, event ${sayNumber(begin.event)}`]);
    facts.push(["to", end.open ? "the end of the run" : `step ${sayNumber(end.step)}, ${sayTime(end.t)}, event ${sayNumber(end.event)}`]);
    facts.push(["lasts", lasts]);
    if (item.what && ["hold", "wait"].includes(item.kind)) facts.push(["mode", item.what]);
    if (item.what && item.kind === "block") facts.push(["kind", item.what]);
    if (item.heldBy) facts.push(["held by", item.heldBy]);
    if (item.at) facts.push(["begins at", item.at]);
    if (item.to && item.to !== item.at) facts.push(["ends at", item.to]);
    if (item.by) facts.push(["released by", item.by]);
  } else {
    facts.push(["when", `step ${sayNumber(begin.step)}, ${sayTime(begin.t)}, event ${sayNumber(begin.event)}`]);
    if (item.at) facts.push(["at", item.at]);
  }
  if (item.depth) facts.push(["handlers deep", String(item.depth)]);
  return facts;
};

export const fillDetails = (element, item) => {
  const title = document.createElement("b");
  title.textContent = `${item.thread.name}${item.type === "mark" ? ":" : ""} ${whatOf(item)}`;
  const list = document.createElement("dl");
  for (const [name, value] of factsOf(item)) {
    const row = document.createElement("div");
    row.append(Object.assign(document.createElement("dt"), { textContent: name }));
    row.append(Object.assign(document.createElement("dd"), { textContent: value }));
    list.append(row);
  }
  element.replaceChildren(title, list);
};

export const fillTable = (table, scene) => {
  const head = table.createTHead().insertRow();
  for (const name of ["step", "time", "thread", "what", "until step", "at"]) {
    head.append(Object.assign(document.createElement("th"), { textContent: name, scope: "col" }));
  }
  const body = table.createTBody();
  for (const item of scene.items) {
    const until = item.type === "mark" ? "" : item.end.open ? "end" : sayNumber(item.end.step);
    const cells = [sayNumber(item.begin.step), sayTime(item.begin.t), item.thread.name, whatOf(item), until, placeOf(item.at)];
    const row = body.insertRow();
    for (const text of cells) row.insertCell().textContent = text;
  }
};
