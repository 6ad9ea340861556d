// How far a campaign is: a bar, and how long it still takes.

import { element, say } from "./pieces.js";
import { duration, isAtWork } from "./words.js";

export const progress = (label) => {
  const fill = element("i");
  const bar = element("span", { class: "progress", role: "progressbar", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
  const words = element("small");
  const node = element("div", { class: "far" }, bar, words);
  return {
    node,
    show(campaign) {
      const share = shareOf(campaign);
      bar.classList.toggle("endless", share === null);
      bar.classList.toggle("still", !isAtWork(campaign));
      fill.style.width = share === null ? "" : `${(100 * share).toFixed(1)}%`;
      if (share === null) bar.removeAttribute("aria-valuenow");
      else bar.setAttribute("aria-valuenow", Math.round(100 * share));
      say(words, wordsFor(campaign, share));
    },
  };
};

// By time: how long it took, of how long it takes; null where nobody knows.
const shareOf = ({ state, seconds, seconds_left: left }) => {
  if (state === "done") return 1;
  if (state === "waiting" || left === null) return state === "waiting" ? 0 : null;
  return seconds + left > 0 ? seconds / (seconds + left) : 0;
};

const wordsFor = (campaign, share) => {
  const took = duration(campaign.seconds);
  if (campaign.state === "waiting") return "waits for its turn";
  if (!isAtWork(campaign)) return `took ${took}`;
  if (share === null) return `for ${took}`;
  return `${Math.floor(100 * share)} %, ${duration(campaign.seconds_left)} left at most`;
};
