// Starts a campaign; one that is asked for twice is started once.

import { call } from "./api.js";

// A key for one campaign: random, also where the page is not in a secure context.
export const freshKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// The same body has the same key until it was taken, so that a second try makes no second campaign.
export class Starter {
  constructor() { this.asked = ""; }

  async start(body) {
    const asked = JSON.stringify(body);
    if (asked !== this.asked) [this.asked, this.key] = [asked, freshKey()];
    const campaign = await call("POST", "/api/campaigns", { body, key: this.key });
    this.asked = "";
    return campaign;
  }
}
