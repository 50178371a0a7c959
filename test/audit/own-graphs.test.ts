/** The project's own graphs: none has a finding, and that is not because nothing is looked at. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { auditGraph } from "#src/audit/index.ts";
import { root } from "../docs/sources.ts";

const { graphs } = JSON.parse(readFileSync(join(root, "langgraph.json"), "utf8")) as {
  graphs: Record<string, { path: string }>;
};

test.each(Object.entries(graphs))("%s has no trap in it", async (_, { path }) => {
  const [file = "", name = ""] = path.split(":");
  const { [name]: graph } = (await import(join(root, file))) as Record<string, object>;
  expect(auditGraph(graph)).toEqual([]);
});

test("a bare node inside the desk would be found", async () => {
  const { orderDesk } = await import("#graphs/order-desk/graph.ts");
  const desk = orderDesk(() => Promise.reject(new Error("nothing is opened")));
  (desk as unknown as StateGraph<object>).addNode(
    "bare",
    () => fetch("http://localhost", { method: "POST" }) as never,
  );
  expect(auditGraph(desk, { name: "desk" }).map(({ graph, node, trap }) => [graph, node, trap])).toEqual([
    ["desk", "bare", "no-route"],
    ["desk", "bare", "no-retry"],
    ["desk", "bare", "bare-effect"],
  ]);
});
