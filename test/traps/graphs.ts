/** Small graphs for the trap tests: bare LangGraph on one side, the same with the kit on the other. */
import { MemorySaver } from "@langchain/langgraph";
import { z } from "zod";
import { errorRoutes, faultChannels, type NodeRuntime } from "#src/routing/index.ts";

export const State = z.object({ log: z.string().default(""), ...faultChannels });
export type State = z.infer<typeof State>;
export type Body = (state: State, runtime: NodeRuntime) => Promise<Partial<State>> | Partial<State>;

/** Without a channel that two branches write, so that bare LangGraph takes parallel nodes. */
export const routed = errorRoutes({
  llmRecoverable: { backTo: "work", rounds: 2, spent: "compensable" },
  compensable: "compensate",
  unexpected: "bubble_up",
  attempts: 3,
  baseMs: 1,
  capMs: 5,
});

export const onThread = (thread = "t") => ({
  configurable: { thread_id: thread },
  durability: "sync" as const,
});

export const saver = () => new MemorySaver();

/** Resolves after `ms` of real time: for races that a fake clock cannot make, kept to a few milliseconds. */
export const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a promise rejected with, or undefined when it did not. */
export const failure = (running: Promise<unknown>): Promise<unknown> =>
  running.then(
    () => undefined,
    (error: unknown) => error,
  );

/** A node that throws the same thing each time it runs. */
export const throws =
  (thrown: unknown): Body =>
  () => {
    throw thrown;
  };
