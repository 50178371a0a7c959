/** What the command line's tests audit: as a user's file would stand there, and some that should not. */
import { Command, END, START, StateGraph } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";

const State = z.object({ log: z.string().default("") });
const retryPolicy = { maxAttempts: 2 };

export const sound = new StateGraph(State)
  .addNode("work", () => ({}), { retryPolicy, errorHandler: () => new Command({ goto: END }) })
  .addEdge(START, "work")
  .compile();

export const bare = new StateGraph(State)
  .addNode("work", () => ({}), { metadata: { audit: { allow: { "no-retry": "it only counts" } } } })
  .addEdge(START, "work")
  .compile();

/** As langgraph.json may name it. */
export const factory = async () => sound;

export const broken = () => {
  throw new Error("no key\nset OPENAI_API_KEY");
};

export const never = () => new Promise(() => {});

export const five = 5;

export const agent = { graph: sound, invoke: () => {} };

/** Nothing but a timer, which would keep a process alive for ever. */
export const timer = setInterval(() => {}, 1_000);
if (process.env.VITEST !== undefined) timer.unref();

/** With retries, and in no node. */
export const spare = process.env.WITH_SPARE === undefined ? undefined : new ChatOpenAI({ apiKey: "none" });
