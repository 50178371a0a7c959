/** P23: retries multiply. LangChain's client repeats a failed call six times by itself, for each attempt of the node. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openChatModel } from "#graphs/order-desk/model/chat-model.ts";
import { workOnly } from "./graphs.ts";

test("P23: three attempts of a node are three calls of the model", async () => {
  let calls = 0;
  const server = createServer((_, response) => {
    calls += 1;
    response.writeHead(503, { "content-type": "application/json" }).end('{"error":{"message":"down"}}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const model = openChatModel({ apiKey: "none", model: "none", baseUrl });
  const graph = workOnly(
    async () => {
      await model.ask({
        role: "intake",
        thread: "t",
        messages: [{ role: "user", content: "hello" }],
      } as never);
      return {};
    },
    { attempts: 3 },
  ).compile();
  expect((await graph.invoke({})).log).toBe("compensated");
  expect(calls).toBe(3);
});
