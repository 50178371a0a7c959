import { pay, read } from "../elsewhere/services.ts";
import { graphOf, type Pair, START } from "../pair.ts";

const graph = (work: () => Promise<object>) => graphOf().addNode("pay", work).addEdge(START, "pay").compile();

export const pair: Pair = {
  fails: "an effect in a helper from another file is not seen",
  trap: "bare-effect",
  at: "graph: pay",
  trapped: () => graph(() => pay()),
  mended: () => graph(() => read()),
};
