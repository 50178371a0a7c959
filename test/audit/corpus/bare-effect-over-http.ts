import { END, graphOf, type Pair, START } from "../pair.ts";

const graph = (node: (state: { log: string }) => Promise<object>) =>
  graphOf().addNode("charge", node).addEdge(START, "charge").addEdge("charge", END).compile();

export const pair: Pair = {
  fails: "a request that changes something is sent again, and is a second one to the other side",
  trap: "bare-effect",
  at: "graph: charge",
  trapped: () =>
    graph(async ({ log: url }) => {
      // Reading is no effect, and this is said, not done: fetch(url, { method: "DELETE" })
      await fetch(`${url}/rates`);
      await fetch(`${url}/charges`, { method: "POST", body: "{}" });
      return {};
    }),
  mended: () =>
    graph(async ({ log: url }) => {
      await fetch(`${url}/rates`);
      await fetch(`${url}/charges`, { method: "POST", body: "{}", headers: { "Idempotency-Key": url } });
      return {};
    }),
};
