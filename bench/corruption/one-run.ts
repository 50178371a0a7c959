/**
 * The 500 public tickets with a corrupted planner and one set of checks, in a process of its own. Started by
 * `corruption.ts` with one JSON argument; prints one JSON line.
 */
import type { DeskContext } from "#graphs/order-desk/context.ts";
import type { Layer } from "#graphs/order-desk/tokens.ts";
import { runRetail } from "../../test/tickets/run-tickets.ts";
import { type Corruption, corrupted } from "./corrupter.ts";

export interface CorruptionRequest {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly schema: string;
  readonly corruption: Corruption;
  readonly context: DeskContext;
}

export interface CorruptionRun {
  readonly tickets: number;
  /** Messages of the planner that were changed. */
  readonly hit: number;
  readonly expected: number;
  /** Neither as they should be nor as they began: somebody's order or money was touched wrongly. */
  readonly wrong: number;
  /** As they began: with staff, or asked. */
  readonly unchanged: number;
  readonly tokens: Readonly<Partial<Record<Layer, number>>>;
  readonly seconds: number;
  /** Ids of the tickets that ended wrong. */
  readonly wrongIds: readonly string[];
}

if (process.argv[2] !== undefined) {
  const { corruption, context, ...place } = JSON.parse(process.argv[2]) as CorruptionRequest;
  const started = performance.now();
  let hit = 0;
  const { ends } = await runRetail({
    ...place,
    faults: { model: 0, tool: 0, payment: 0 },
    seed: 1,
    scripted: true,
    context,
    mend: (resources) => ({
      ...resources,
      model: corrupted(resources.model, corruption, () => {
        hit += 1;
      }),
    }),
  });
  const tokens: Partial<Record<Layer, number>> = {};
  for (const { report } of ends)
    for (const [layer, count] of Object.entries(report.tokens) as [Layer, number][])
      tokens[layer] = (tokens[layer] ?? 0) + count;
  const of = (records: (typeof ends)[number]["records"]) => ends.filter((end) => end.records === records);
  const run: CorruptionRun = {
    tickets: ends.length,
    hit,
    expected: of("expected").length,
    wrong: of("wrong").length,
    unchanged: of("unchanged").length,
    tokens,
    seconds: (performance.now() - started) / 1000,
    wrongIds: of("wrong").map(({ id }) => id),
  };
  process.stdout.write(`${JSON.stringify(run)}\n`);
}
