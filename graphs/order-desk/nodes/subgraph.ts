/**
 * A compiled subgraph as the desk's `addNode` takes it. LangGraph 1.7.3 types a subgraph whose nodes answer with
 * Commands by what its nodes return and not by the state it leaves, so the type is stated here.
 */
import type { Runnable } from "@langchain/core/runnables";
import type { DeskState, DeskUpdate } from "../state.ts";

export type Subgraph = Runnable<DeskState, DeskUpdate>;
