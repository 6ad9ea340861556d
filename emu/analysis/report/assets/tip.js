// One tip for the whole page.

export const tip = {
  element: document.getElementById("tip"),
  show(x, y, fill) {
    fill(this.element);
    this.element.hidden = false;
    const box = this.element.getBoundingClientRect();
    const left = Math.max(8, Math.min(x + 14, innerWidth - box.width - 12));
    const top = y + 18 + box.height > innerHeight ? y - box.height - 12 : y + 18;
    this.element.style.left = `${left}px`;
    this.element.style.top = `${Math.max(8, top)}px`;
  },
  say(x, y, ...lines) {
    this.show(x, y, (element) => element.replaceChildren(...lines.filter(Boolean).map(
      (text) => Object.assign(document.createElement("div"), { textContent: text }))));
  },
  hide() { this.element.hidden = true; },
};
