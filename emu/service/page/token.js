// The token: where it comes from, where it is kept, and how it is asked for. It is in no address
// for longer than it takes to read it there, and never in a query.

const KEPT = "emu-token";
const IN_ADDRESS = "#token=";
const dialog = document.getElementById("token");
const field = document.getElementById("token-field");
const wrong = document.getElementById("token-wrong");
const listeners = [];
let asked = null;
let declined = null; // the token that was refused when the user had none to give
let value = sessionStorage.getItem(KEPT) ?? "";

const keep = (text) => {
  value = text;
  sessionStorage.setItem(KEPT, text);
};

export const token = () => value;

// Calls `listener` with each token that is taken from now on.
export const onToken = (listener) => listeners.push(listener);

const answer = (text) => {
  const waiting = asked;
  asked = null;
  if (dialog.open) dialog.close("");
  if (text) listeners.forEach((listener) => listener(text));
  waiting?.resolve(Boolean(text));
};

// Takes a token from elsewhere: from the address, or another tab, where it was typed.
export const takeToken = (text) => {
  if (!text || (text === value && !asked)) return;
  keep(text);
  answer(text);
};

// Takes the token out of an address that ends with `#token=` and it.
export const tokenFromAddress = () => {
  if (!location.hash.startsWith(IN_ADDRESS)) return;
  const text = location.hash.slice(IN_ADDRESS.length);
  history.replaceState(null, "", "#/");
  takeToken(/%[\da-f]{2}/i.test(text) ? decodeURIComponent(text) : text);
};

// Who said "not now" is not asked again before the next view, or before asking for it.
export const askAgain = () => { declined = null; };

// Asks for another token than `refused`; gives whether there is one. All that ask share a dialog.
export const askToken = async (refused) => {
  if (value !== refused) return true;
  if (declined === refused) return false;
  if (!asked) {
    asked = {};
    asked.answer = new Promise((resolve) => { asked.resolve = resolve; });
    wrong.textContent = refused ? "The service does not take this token." : "";
    field.value = "";
    dialog.returnValue = "";
    dialog.showModal();
  }
  return asked.answer;
};

dialog.addEventListener("close", () => {
  if (!asked) return;
  const text = dialog.returnValue === "use" ? field.value.trim() : "";
  field.value = "";
  if (text) keep(text);
  else declined = value;
  answer(text);
});

// A header has room for these letters and no others.
field.addEventListener("input", () => {
  field.setCustomValidity(/^[\x21-\x7e]*$/.test(field.value.trim()) ? "" : "A token has no spaces, and no letters but those of ASCII.");
});
