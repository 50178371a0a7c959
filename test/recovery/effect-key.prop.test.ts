import type { ExecutionInfo } from "@langchain/langgraph";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyOf } from "#src/recovery/effect-key.ts";
import { createSaga, memoryLedger } from "#src/recovery/index.ts";

test("no two lists of names make one key: each can be read back from its own", () => {
  const name = fc.string({ unit: fc.constantFrom("a", "|", "%", "%7C", "é", "北"), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      expect(
        keyOf(...names)
          .split("|")
          .map(decodeURIComponent),
      ).toEqual(names);
    }),
  );
});

test("a step named like another one's undo is made, and undone", async () => {
  const runtime = { executionInfo: { threadId: "t", checkpointNs: "node:1", taskId: "1" } as ExecutionInfo };
  const undone: string[] = [];
  const saga = createSaga(memoryLedger(), { undo: { run: async ({ name }) => void undone.push(name) } });
  const made: string[] = [];
  for (const name of ["pay", "pay|undo"]) {
    await saga.step(runtime, { saga: "s", name, args: null, undo: "undo" }, async () => made.push(name));
  }
  while ((await saga.undoNext(runtime, "s")) !== undefined);
  expect(made).toEqual(["pay", "pay|undo"]);
  expect(undone).toEqual(["pay|undo", "pay"]);
});
