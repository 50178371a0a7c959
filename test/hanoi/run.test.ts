/** A thread that is not this tower's is left alone, and a run that failed says why. */

import { END, START, StateGraph } from "@langchain/langgraph";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { defaults } from "#graphs/hanoi/context.ts";
import { simulatedMover } from "#graphs/hanoi/mover/simulated-mover.ts";
import { runTower } from "#graphs/hanoi/run.ts";
import { eachEngine } from "../support/database.ts";

eachEngine("a tower on a thread", (open) => {
  test("of another graph is refused in one line, and what is there stays", async () => {
    const persistence = await open();
    const other = new StateGraph(z.object({ message: z.string() }))
      .addNode("say", () => ({ message: "said" }))
      .addEdge(START, "say")
      .addEdge("say", END)
      .compile({ checkpointer: persistence.saver });
    const config = { configurable: { thread_id: "t" } };
    await other.invoke({ message: "" }, config);
    const options = { thread: "t", disks: 3, settings: defaults, mover: simulatedMover };
    await expect(runTower(persistence, options)).rejects.toThrow(
      /^Thread t is no tower's: give another --thread\.$/,
    );
    expect((await other.getState(config)).values).toEqual({ message: "said" });
  });

  test("of another size is refused in one line", async () => {
    const persistence = await open();
    const options = { thread: "t", settings: defaults, mover: simulatedMover };
    await runTower(persistence, { ...options, disks: 2 });
    await expect(runTower(persistence, { ...options, disks: 3 })).rejects.toThrow(/has a tower of 2 disks/);
  });

  test("whose run failed is not read from a database that is gone: the first failure is told", async () => {
    const persistence = await open();
    const mover = {
      ...simulatedMover,
      async ask(): Promise<never> {
        // The database is up for all tests: here it only stops to answer.
        vi.spyOn(persistence.saver, "getTuple").mockRejectedValue(new Error("no database"));
        throw new TypeError("the mover failed");
      },
    };
    const run = runTower(persistence, { thread: "t", disks: 2, settings: defaults, mover });
    await expect(run).rejects.toThrow("the mover failed");
  });
});
