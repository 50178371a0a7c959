/** Who is measured, and how the page calls each. A further saver is one entry here and one in `savers.ts`. */

export type SaverName = "bare" | "least" | "stock" | "ours" | "leased" | "sealed";
export type ContenderName = SaverName | "floor" | "dbos";

/** The stock saver's default, and everyone's here. */
export const poolSize = 10;

/** In the order of the page. */
export const labels: Record<ContenderName, string> = {
  floor: "commit floor: one prepared INSERT a step",
  bare: "LangGraph, no checkpointer",
  least: "LangGraph, one prepared INSERT a step",
  stock: "LangGraph, PostgresSaver",
  ours: "LangGraph, this project",
  leased: "LangGraph, this project, with leases",
  sealed: "LangGraph, this project, encrypted",
  dbos: "DBOS Transact, durable step",
};

export const isSaver = (name: ContenderName): name is SaverName => name !== "floor" && name !== "dbos";
