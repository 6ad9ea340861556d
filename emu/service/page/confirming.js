// Asks before something is done that cannot be undone.

import { button, element } from "./pieces.js";

let number = 0;

// Gives whether it is to be done. What leaves things as they are has the focus.
export const confirmed = (title, text, does) => new Promise((resolve) => {
  const id = `confirm-${number += 1}`;
  const dialog = element(
    "dialog", { "aria-labelledby": id, "aria-describedby": `${id}-text` },
    element("h2", { id, text: title }),
    element("p", { id: `${id}-text`, text }),
    element("div", { class: "buttons" },
      button("Cancel", () => dialog.close(""), { autofocus: "" }),
      button(does, () => dialog.close("yes"), { class: "danger" })),
  );
  dialog.addEventListener("close", () => {
    resolve(dialog.returnValue === "yes");
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
});
