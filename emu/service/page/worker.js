// A worker that all tabs share. It has the stream of news, so that they need only one: a browser
// opens six connections to a host, and six tabs with a stream each would leave none for calls.

import { Stream } from "./stream.js";

const ports = new Set();
// A token that proved right is told to tabs that have none, so that it is typed once.
const withToken = (news) => (stream.status.state === "open" && news.status ? { ...news, token: stream.token } : news);
const tellAll = (news) => ports.forEach((port) => port.postMessage(withToken(news)));
const stream = new Stream(tellAll);

const DOES = {
  hello(port, { token }) {
    ports.add(port);
    if (token) stream.use(token);
    port.postMessage(withToken(stream.snapshot()));
    stream.start();
  },
  token(port, { token }) { stream.use(token); },
  hurry() { stream.hurry(); },
  bye(port) {
    ports.delete(port);
    if (!ports.size) stream.stop();
  },
};

self.addEventListener("connect", ({ ports: [port] }) => {
  port.onmessage = ({ data }) => DOES[data.does](port, data);
});
