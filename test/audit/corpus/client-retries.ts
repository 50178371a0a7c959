import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI from "openai";
import { END, type Finished, graphOf, type Pair, START } from "../pair.ts";

const graph = (options: { maxRetries?: number }) => {
  const client = new OpenAI({ apiKey: "none", ...options });
  return graphOf()
    .addNode("ask", async ({ log: baseURL }) => {
      client.baseURL = baseURL;
      await client.models.list();
      return {};
    })
    .addEdge(START, "ask")
    .addEdge("ask", END)
    .compile();
};

/** Answers 503 and asks for no wait. */
async function deadServer(calls: string[], finished: Finished): Promise<string> {
  const server = createServer((_, response) => {
    calls.push("called");
    response.writeHead(503, { "retry-after-ms": "1" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  finished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const pair: Pair = {
  fails: "a client's own retries multiply with the node's",
  trap: "client-retries",
  at: "graph: ask",
  trapped: () => graph({}),
  mended: () => graph({ maxRetries: 0 }),
  run: {
    by: async (graph, calls, finished) => {
      await graph.invoke({ log: await deadServer(calls, finished) });
      return calls.length;
    },
    trapped: 6,
    mended: 2,
  },
};
