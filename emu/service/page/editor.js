// A field for a plan, with numbers of lines; lines with mistakes are marked.

import { element } from "./pieces.js";

export const editor = (changed) => {
  const numbers = element("div", { class: "numbers", "aria-hidden": "true" });
  const marks = element("div", { class: "marks", "aria-hidden": "true" });
  const field = element("textarea", {
    id: "plan-text", class: "code", rows: "18", wrap: "off", spellcheck: "false", autocapitalize: "off",
    autocomplete: "off", "aria-describedby": "plan-check",
  });
  const node = element("div", { class: "editor" }, numbers, element("div", { class: "lines" }, marks, field));
  let wrong = new Set();

  const draw = () => {
    const count = field.value.split("\n").length;
    while (numbers.children.length > count) numbers.lastChild.remove();
    while (numbers.children.length < count) numbers.append(element("span", { text: String(numbers.children.length + 1) }));
    [...numbers.children].forEach((one, at) => one.classList.toggle("wrong", wrong.has(at + 1)));
    marks.replaceChildren(...[...wrong].filter((line) => line <= count).map((line) => {
      const mark = element("i");
      mark.style.top = `calc(${line - 1} * var(--line-height))`;
      return mark;
    }));
    follow();
  };
  const follow = () => {
    numbers.scrollTop = field.scrollTop;
    marks.style.transform = `translateY(${-field.scrollTop}px)`;
  };
  field.addEventListener("scroll", follow);
  field.addEventListener("input", () => { draw(); changed(); });

  const begin = (line) => field.value.split("\n").slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  draw();
  return {
    node,
    field,
    write(text) { field.value = text; wrong = new Set(); draw(); changed(); },
    mark(lines) {
      wrong = new Set(lines);
      if (wrong.size) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
      draw();
    },
    // To a line: it is selected, and in the middle of what is seen.
    go(line) {
      const from = begin(line);
      field.focus();
      field.setSelectionRange(from, begin(line + 1) - 1 > from ? begin(line + 1) - 1 : from);
      const height = parseFloat(getComputedStyle(field).lineHeight);
      field.scrollTop = Math.max(0, (line - 0.5) * height - field.clientHeight / 2);
      follow();
    },
  };
};
