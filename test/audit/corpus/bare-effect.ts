import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { effects, memoryLedger } from "#src/recovery/index.ts";
import type { NodeRuntime } from "#src/routing/index.ts";
import { END, failing, graphOf, type Pair, START } from "../pair.ts";

type Node = (state: { log: string }, runtime: NodeRuntime) => Promise<object>;

const graph = (node: Node) =>
  graphOf().addNode("pay", node).addEdge(START, "pay").addEdge("pay", END).compile();

/** The file is paid into, then something fails. */
const pay = (file: string) => appendFile(file, "paid\n");

export const pair: Pair = {
  fails: "a retry makes an effect again that the failed attempt had made",
  trap: "bare-effect",
  at: "graph: pay",
  trapped: (log) => {
    const fails = failing(1, log, "pay");
    return graph(async ({ log: file }) => {
      await pay(file);
      return fails();
    });
  },
  mended: (log) => {
    const fails = failing(1, log, "pay");
    const { once } = effects(memoryLedger());
    return graph(async ({ log: file }, runtime) => {
      await once(runtime, "pay", null, () => pay(file));
      return fails();
    });
  },
  run: {
    by: async (graph, _, finished) => {
      const folder = await mkdtemp(join(tmpdir(), "faultline-test-"));
      finished(() => rm(folder, { recursive: true }));
      const file = join(folder, "account");
      await graph.invoke({ log: file });
      return readFile(file, "utf8");
    },
    trapped: "paid\npaid\n",
    mended: "paid\n",
  },
};
