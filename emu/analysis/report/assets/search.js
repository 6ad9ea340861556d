// Finds bars and marks by what is said of them.

import { whatOf } from "./scene.js";

const textOf = (item) => [
  item.thread.name, item.kind, whatOf(item), item.name, item.what, item.at, item.to, item.heldBy,
  `step ${item.begin.step}`,
].filter(Boolean).join(" ").toLowerCase();

export const findItems = (scene, words) => {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return null;
  return scene.items.filter((item) => {
    item.text ??= textOf(item);
    return wanted.every((word) => item.text.includes(word));
  });
};
