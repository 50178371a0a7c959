import { MemorySaver } from "@langchain/langgraph";
import { z } from "zod";
import { END, type Pair, START, StateGraph, settled, thread } from "../pair.ts";

const compiled = { checkpointer: new MemorySaver(), interruptBefore: ["look" as const] };
const due = new Date(0);

export const pair: Pair = {
  fails: "a Date is a string after a resume",
  trap: "date-in-state",
  at: "graph: state.due",
  trapped: () =>
    new StateGraph(z.object({ log: z.string().default(""), due: z.date().optional() }))
      .setNodeDefaults(settled)
      .addNode("set", () => ({ due }))
      .addNode("look", (state) => ({ log: state.due instanceof Date ? "a Date" : typeof state.due }))
      .addEdge(START, "set")
      .addEdge("set", "look")
      .addEdge("look", END)
      .compile(compiled),
  mended: () =>
    new StateGraph(z.object({ log: z.string().default(""), due: z.iso.datetime().optional() }))
      .setNodeDefaults(settled)
      .addNode("set", () => ({ due: due.toISOString() }))
      .addNode("look", (state) => ({ log: new Date(state.due ?? "") instanceof Date ? "a Date" : "" }))
      .addEdge(START, "set")
      .addEdge("set", "look")
      .addEdge("look", END)
      .compile(compiled),
  run: {
    by: async (graph) => {
      await graph.invoke({}, thread);
      return (await graph.invoke(null, thread)).log;
    },
    trapped: "string",
    mended: "a Date",
  },
};
