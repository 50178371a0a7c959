/** A process that dies between a node's failure and its handler: what is known of the error then is in its name. */
import { START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { openPersistence } from "#checkpoints/index.ts";
import { startChild } from "../support/child-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { dyingSaver, failure, type State as GraphState, onThread, State } from "./graphs.ts";
import { declinedGraph } from "./processes/declined-graph.ts";

test("B8, P5, bare: the handler of the next process gets an error without class, code and status", async () => {
  const { checkpointer, nextProcess } = dyingSaver();
  let seen: unknown;
  const graph = () =>
    new StateGraph(State)
      .addNode(
        "work",
        () => {
          throw Object.assign(new RangeError("HTTP 503"), { status: 503, code: "down" });
        },
        {
          errorHandler: (_, { error }) => {
            seen = error;
            return {};
          },
        },
      )
      .addEdge(START, "work")
      .compile({ checkpointer });
  await failure(graph().invoke({}, onThread()));
  nextProcess();
  await graph().invoke(null, onThread());
  expect(seen).toMatchObject({ name: "RangeError", message: "HTTP 503" });
  expect(seen).not.toBeInstanceOf(RangeError);
  expect(seen).not.toHaveProperty("status");
});

test("a process killed between failure and handler: the next one routes by the category, and the node stays unrun", async () => {
  const folder = await temporaryFolder();
  const child = startChild("test/traps/processes/hang-after-failure.ts", [folder]);
  await child.printed("failure stored");
  await child.kill();

  const persistence = await openPersistence({ databaseUrl: "", dataDir: folder });
  try {
    let runs = 0;
    const graph = declinedGraph(persistence.saver, () => {
      runs += 1;
    });
    const end = (await graph.invoke(null, onThread())) as GraphState;
    expect(end.log).toBe("compensated");
    expect(end.faults).toEqual([
      expect.objectContaining({
        node: "work",
        category: "compensable",
        code: "card_declined",
        message: "the card was declined",
        route: "compensate",
      }),
    ]);
    expect(runs).toBe(0);
  } finally {
    await persistence.close();
  }
}, 120_000);
