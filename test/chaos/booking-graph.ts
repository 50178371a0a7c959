/** A small graph for a database that comes and goes: five supersteps, an effect of each kind, a list that grows. */
import { type LangGraphRunnableConfig, StateGraph } from "@langchain/langgraph";
import { registry } from "@langchain/langgraph/zod";
import { z } from "zod";
import type { Persistence } from "#checkpoints/index.ts";
import { effects } from "#src/recovery/index.ts";

const State = z.object({
  /** Its number on the thread, from 1; the input of each run. */
  run: z.number().default(0),
  log: z
    .array(z.string())
    .default(() => [])
    .register(registry, {
      reducer: { fn: (before: string[], more: string[]) => [...before, ...more] },
      default: () => [],
    }),
});
type State = z.infer<typeof State>;

/** What the list must hold after so many runs. */
export const expectedLog = (thread: string, runs: number): string[] =>
  Array.from({ length: runs }, (_, at) => at + 1).flatMap((run) => [
    `${run} opened`,
    `${run} booked`,
    `${run} charged: ${receiptFor(thread, run)}`,
    `${run} checked`,
    `${run} closed`,
  ]);

export const receiptFor = (thread: string, run: number): string => `receipt ${thread}/${run}`;

/**
 * @param bookings - A table (key, thread, run) without any constraint, so that a second booking would show.
 * @param charge - The other side of the network. It honours keys.
 */
export function bookingGraph(
  { saver, ledger }: Persistence,
  bookings: string,
  charge: (key: string, thread: string, run: number) => Promise<string>,
) {
  const { once, onceWithin } = effects(ledger);
  const threadOf = (config: LangGraphRunnableConfig) => String(config.executionInfo?.threadId);
  const notes = (what: string) => (state: Pick<State, "run">) => ({ log: [`${state.run} ${what}`] });

  return new StateGraph(State)
    .addNode("open", notes("opened"))
    .addNode("book", async (state, config: LangGraphRunnableConfig) => {
      await onceWithin(config, "book", { run: state.run }, async (tx, key) => {
        await tx.query(`INSERT INTO ${bookings} (key, thread, run) VALUES ($1, $2, $3)`, [
          key,
          threadOf(config),
          state.run,
        ]);
        return null;
      });
      return notes("booked")(state);
    })
    .addNode("charge", async (state, config: LangGraphRunnableConfig) => {
      const receipt = await once(config, "charge", { run: state.run }, (key) =>
        charge(key, threadOf(config), state.run),
      );
      return notes(`charged: ${receipt}`)(state);
    })
    .addNode("check", notes("checked"))
    .addNode("close", notes("closed"))
    .addEdge("__start__", "open")
    .addEdge("open", "book")
    .addEdge("book", "charge")
    .addEdge("charge", "check")
    .addEdge("check", "close")
    .compile({ checkpointer: saver });
}
