/** A process that dies between a node's failure and the end of its handler, and the process that carries on. */
import { Command, END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { APIError } from "openai";
import { expect, test } from "vitest";
import { z } from "zod";
import { classify, Fault } from "#src/faults/index.ts";

const State = z.object({ n: z.number().default(0) });
const config = { configurable: { thread_id: "t" }, durability: "sync" as const };

/** The error that a second process finds in its handler, when the first died in the same handler. */
async function foundAfterCrash(thrown: Error): Promise<Error> {
  const saver = new MemorySaver();
  const graphWith = (handler: (error: Error) => Promise<Command>) =>
    new StateGraph(State)
      .addNode(
        "work",
        (): { n: number } => {
          throw thrown;
        },
        { errorHandler: (_state, { error }) => handler(error), ends: [END] },
      )
      .addEdge(START, "work")
      .compile({ checkpointer: saver });

  await new Promise<void>((entered) => {
    const dying = graphWith(() => {
      entered();
      return new Promise(() => {});
    });
    void dying.invoke({}, config);
  });
  return new Promise((found, failed) => {
    const next = graphWith(async (error) => {
      found(error);
      return new Command({ goto: END });
    });
    next.invoke(null, config).catch(failed);
  });
}

test("B8: a fault keeps category and code when its process dies; what else it carried is in state only", async () => {
  const fault = new Fault("llm-recoverable", "refused_by_shop", "order #1 is delivered", {
    details: { order: "#1" },
    cause: new Error("why"),
  });
  const found = await foundAfterCrash(fault);
  expect(found).not.toBe(fault);
  const rebuilt = classify(found);
  expect([rebuilt.category, rebuilt.code, rebuilt.message]).toEqual([
    "llm-recoverable",
    "refused_by_shop",
    "order #1 is delivered",
  ]);
  expect(rebuilt.details).toBeUndefined();
});

test("P5: a 503 that was classified before the crash is still transient after it; a bare one no longer is", async () => {
  const unavailable = APIError.generate(503, {}, "try later", new Headers());
  const after = classify(await foundAfterCrash(classify(unavailable)));
  expect([after.category, after.code]).toEqual(["transient", "http_503"]);
  expect(classify(await foundAfterCrash(unavailable)).category).toBe("unexpected");
});
