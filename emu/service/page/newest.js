// What was found last: a list, the latest first.

import { element, hrefOf, keep, link, pill, timeOf } from "./pieces.js";

const keyOf = (one) => `${one.campaign}/${one.trouble}/${one.number}/${one.signature}/${one.entry}`;

// Of one campaign, or with `campaigns` of several, which are then named.
export const newestList = (title, { campaigns = false } = {}) => {
  const list = element("ol", { class: "newest card", hidden: "" });
  const none = element("p", { class: "empty", text: "Nothing was found yet.", hidden: "" });
  const node = element("section", {}, element("h2", { text: title }), none, list);
  return {
    node,
    show(items) {
      none.hidden = items.length > 0;
      list.hidden = !items.length;
      node.hidden = campaigns && !items.length;
      keep(list, items, keyOf, (one) => row(one, campaigns));
    },
  };
};

const row = ({ campaign, number, signature, entry, run, time, trouble, allowed }, campaigns) => {
  const sign = element("code", { class: "signature", text: signature });
  const told = number ? element("a", { href: hrefOf(campaign, number) }, sign) : sign;
  const where = [campaigns && link(hrefOf(campaign), campaign), entry, `run ${run}`].filter(Boolean).flatMap((part) => [part, " · "]);
  return {
    node: element("li", {},
      element("p", {}, told, " ",
        trouble ? pill("open", "no answer") : allowed ? "" : pill("bad", "not allowed")),
      element("p", { class: "aside" }, ...where, timeOf(time))),
  };
};
