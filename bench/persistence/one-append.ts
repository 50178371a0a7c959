/**
 * A thread that appends 1 kB a superstep to a list, in a process of its own. Started by `append.ts` with one JSON
 * argument; prints one JSON line.
 */
import { randomBytes } from "node:crypto";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import pg from "pg";
import { median } from "../statistics.ts";
import type { SaverName } from "./contenders.ts";
import { type OpenSaver, openSaver } from "./savers.ts";

export interface AppendRequest {
  readonly contender: SaverName;
  readonly databaseUrl: string;
  readonly schema: string;
  /** Takes the warm-up, so that `schema` holds the measured thread alone. */
  readonly warmUpSchema: string;
  readonly appends: number;
}

export interface AppendRun {
  /** What they grew by. */
  readonly tables: TableSizes;
  /** The median of each hundred supersteps. */
  readonly msPerStep: readonly number[];
  /** To read the thread's last state back; undefined where nothing was stored. */
  readonly loadMs?: number;
}

/** By name, tables with their indexes and TOAST, in bytes. */
export type TableSizes = Readonly<Record<string, number>>;

interface Message {
  readonly role: string;
  readonly content: string;
}

const State = Annotation.Root({
  messages: Annotation<Message[]>({ reducer: (all, more) => all.concat(more), default: () => [] }),
  until: Annotation<number>,
});
/** In base64 1,000 characters, and nothing for a compressor to find. */
const contentBytes = 750;
/** In threads so short that they cost the stock saver little. */
const warmUp = { threads: 10, appends: 100 };

const request = JSON.parse(process.argv[2] ?? "") as AppendRequest;
const open = openSaver[request.contender];
const warm = await open(request.databaseUrl, request.warmUpSchema);
for (let i = 0; i < warmUp.threads; i++) await appends(warm, `warm-up-${i}`, warmUp.appends);
await warm.close();
const saver = await open(request.databaseUrl, request.schema);
const empty = await tableSizes(request.databaseUrl, request.schema);
const run = await appends(saver, "measured", request.appends);
await saver.close();
const full = await tableSizes(request.databaseUrl, request.schema);
const tables = Object.fromEntries(
  Object.entries(full).map(([name, bytes]) => [name, bytes - (empty[name] ?? 0)]),
);
process.stdout.write(`${JSON.stringify({ ...run, tables })}\n`);

async function tableSizes(databaseUrl: string, schema: string): Promise<TableSizes> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; bytes: string }>(
      `SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class
       WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' ORDER BY relname`,
      [schema],
    );
    return Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)]));
  } finally {
    await client.end();
  }
}

async function appends(
  { checkpointer, around }: OpenSaver,
  thread: string,
  count: number,
): Promise<Omit<AppendRun, "tables">> {
  const at: number[] = [];
  const graph = new StateGraph(State)
    .addNode("append", () => {
      at.push(performance.now());
      return { messages: [{ role: "user", content: randomBytes(contentBytes).toString("base64") }] };
    })
    .addEdge(START, "append")
    .addConditionalEdges("append", ({ messages, until }) => (messages.length < until ? "append" : END), [
      "append",
      END,
    ])
    .compile(checkpointer === undefined ? {} : { checkpointer });
  const config = { configurable: { thread_id: thread } };
  const input = { until: count };
  await around(thread, () =>
    graph.invoke(input, { ...config, durability: "sync", recursionLimit: count + 1 }),
  );
  at.push(performance.now());
  const steps = at.slice(1).map((end, i) => end - (at[i] ?? end));
  const hundreds = Array.from({ length: steps.length / 100 }, (_, i) => steps.slice(i * 100, i * 100 + 100));
  const msPerStep = hundreds.map(median);
  if (checkpointer === undefined) return { msPerStep };

  const started = performance.now();
  const { values } = await graph.getState(config);
  const loadMs = performance.now() - started;
  const found = (values as typeof State.State).messages.length;
  if (found !== count) throw new Error(`${found} messages were read back, not ${count}`);
  return { msPerStep, loadMs };
}
