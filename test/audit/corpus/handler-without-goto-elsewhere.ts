import { giveUp, note } from "../elsewhere/handlers.ts";
import { graphOf, type Pair, START } from "../pair.ts";

const graph = (errorHandler: () => object) =>
  graphOf()
    .addNode("work", () => ({}), { errorHandler: errorHandler as never })
    .addNode("after", () => ({}))
    .addEdge(START, "work")
    .addEdge("work", "after")
    .compile();

export const pair: Pair = {
  fails: "a handler from another file is not read there",
  trap: "handler-without-goto",
  at: "graph: work",
  trapped: () => graph(() => note()),
  mended: () => graph(() => giveUp()),
};
