// What is read aloud of what happens, calmly: a sentence, and not the next one at once.

const PAUSE = 6_000;
const region = document.getElementById("news");
let waiting = [];
let timer = null;

export const announce = (sentence) => {
  waiting.push(sentence);
  if (timer === null) speak();
};

// What to do at once is said at once: a copy that was made, a mistake that one asked for.
export const answer = (sentence) => { region.textContent = sentence; };

const speak = () => {
  if (!waiting.length) { timer = null; return; }
  region.textContent = waiting.length > 3 ? `${waiting.length} things happened; the last: ${waiting.at(-1)}` : waiting.join(" ");
  waiting = [];
  timer = setTimeout(speak, PAUSE);
};
