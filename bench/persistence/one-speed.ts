/**
 * One contender, one setting, in a process of its own. Started by `speed.ts` with one JSON argument; prints one JSON
 * line.
 */
import { END, START, StateGraph } from "@langchain/langgraph";
import pg from "pg";
import { z } from "zod";
import { type ContenderName, isSaver, poolSize, type SaverName } from "./contenders.ts";
import { openSaver } from "./savers.ts";
import { type RunThread, type SpeedRequest, timed } from "./timed.ts";

interface Contender {
  readonly run: RunThread;
  close(): Promise<void>;
}

const State = z.object({ count: z.number(), until: z.number(), text: z.string() });

/** One node in a loop, which counts and rewrites a small string. */
async function langGraph(name: SaverName, databaseUrl: string, schema: string): Promise<Contender> {
  const { checkpointer, around, close } = await openSaver[name](databaseUrl, schema);
  const graph = new StateGraph(State)
    .addNode("step", ({ count }) => ({ count: count + 1, text: `step ${count + 1}` }))
    .addEdge(START, "step")
    .addConditionalEdges("step", ({ count, until }) => (count < until ? "step" : END), ["step", END])
    .compile(checkpointer === undefined ? {} : { checkpointer });
  const run: RunThread = async (thread, steps) => {
    const input = { count: 0, until: steps, text: "" };
    const { count } = await around(thread, () =>
      graph.invoke(input, {
        configurable: { thread_id: thread },
        durability: "sync",
        recursionLimit: steps + 1,
      }),
    );
    if (count !== steps) throw new Error(`Thread ${thread} counted to ${count}, not to ${steps}`);
  };
  return { run, close };
}

/** The least a durable step can be on this server: one row, one commit. */
async function commitFloor(databaseUrl: string, schema: string): Promise<Contender> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize });
  const table = `"${schema}".steps`;
  await pool.query(`CREATE SCHEMA "${schema}"`);
  await pool.query(`CREATE TABLE ${table} (thread text, step int, value text, PRIMARY KEY (thread, step))`);
  const text = `INSERT INTO ${table} VALUES ($1, $2, $3)`;
  const run: RunThread = async (thread, steps) => {
    for (let step = 1; step <= steps; step++) {
      await pool.query({ name: "step", text, values: [thread, step, `step ${step}`] });
    }
  };
  return { run, close: () => pool.end() };
}

const request = JSON.parse(process.argv[2] ?? "") as SpeedRequest & { contender: ContenderName };
const { contender: name, databaseUrl, schema } = request;
const contender = isSaver(name)
  ? await langGraph(name, databaseUrl, schema)
  : await commitFloor(databaseUrl, schema);
const microsPerStep = await timed(contender.run, request);
await contender.close();
process.stdout.write(`${JSON.stringify({ microsPerStep })}\n`);
