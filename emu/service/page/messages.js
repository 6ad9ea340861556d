// Server-sent events out of the body of an answer: {event, data, id} each.

export const messages = async function* (body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let message = { event: "message", data: [], id: null };
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line) { take(message, line); continue; }
        if (message.data.length) yield { ...message, data: message.data.join("\n") };
        message = { event: "message", data: [], id: message.id };
      }
      yield null; // something came, be it a comment
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
};

const take = (message, line) => {
  const at = line.indexOf(":");
  if (at === 0) return;
  const [name, text] = at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1).replace(/^ /, "")];
  if (name === "data") message.data.push(text);
  else if (name === "event" || name === "id") message[name] = text;
};
