/** A thread of messages, whatever is done to them: `messagesSpec(() => …)`. Needs a checkpointer, nothing else. */
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  RemoveMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import {
  type BaseCheckpointSaver,
  END,
  MessagesAnnotation,
  REMOVE_ALL_MESSAGES,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { expect, test } from "vitest";
import { historyOf, type OpenSubject } from "./subject.ts";

const thread = { configurable: { thread_id: "1" } };
const run = { ...thread, durability: "sync" as const };

/** Long enough that a saver which stores lists by their ends does so. */
const long = (text: string) => `${text} ${"x".repeat(600)}`;

const started = () => [
  new SystemMessage({ id: "system", content: long("be kind") }),
  new HumanMessage({ id: "human", content: long("hello"), additional_kwargs: { seen: 1 } }),
  new AIMessage({
    id: "ai",
    content: long("calling"),
    tool_calls: [{ id: "call", name: "look", args: { at: ["a"] } }],
    response_metadata: { usage: { tokens: 1 } },
  }),
  new ToolMessage({ id: "tool", tool_call_id: "call", content: long("found"), artifact: { rows: [1] } }),
];

type Body = (messages: BaseMessage[]) => BaseMessage[];

const working = (checkpointer: BaseCheckpointSaver, body: Body) =>
  new StateGraph(MessagesAnnotation)
    .addNode("work", ({ messages }) => ({ messages: body(messages) }))
    .addNode("after", () => ({ messages: [new HumanMessage({ id: "after", content: long("after") })] }))
    .addEdge(START, "work")
    .addEdge("work", "after")
    .addEdge("after", END)
    .compile({ checkpointer });

const edit =
  (change: (ai: AIMessage) => void): Body =>
  (messages) => {
    for (const message of messages) if (message instanceof AIMessage) change(message);
    return [];
  };

const bodies: Record<string, Body> = {
  "one more": () => [new AIMessage({ id: "more", content: long("more") })],
  "one removed": () => [new RemoveMessage({ id: "human" })],
  "the last removed": () => [new RemoveMessage({ id: "tool" })],
  "all removed": () => [new RemoveMessage({ id: REMOVE_ALL_MESSAGES })],
  "all removed but for a summary": () => [
    new RemoveMessage({ id: REMOVE_ALL_MESSAGES }),
    new SystemMessage({ id: "summary", content: long("summary") }),
  ],
  "one replaced by its id": () => [new AIMessage({ id: "ai", content: long("other") })],
  "one replaced by another kind": () => [new HumanMessage({ id: "ai", content: long("calling") })],
  "a chunk in a message's place": () => [new AIMessageChunk({ id: "ai", content: long("calling") })],
  "content edited in place": edit((ai) => {
    ai.content = long("edited");
  }),
  "an argument edited in place": edit((ai) => {
    ai.tool_calls?.[0]?.args.at.push("b");
  }),
  "metadata edited in place": edit((ai) => {
    (ai.response_metadata as { usage: { tokens: number } }).usage.tokens = 2;
  }),
  "a name given in place": edit((ai) => {
    ai.name = "desk";
  }),
  "a call added in place": edit((ai) => {
    ai.tool_calls?.push({ id: "second", name: "look", args: {} });
  }),
  "the kwargs that it was made with edited in place": edit((ai) => {
    ai.lc_kwargs.invented = "later";
  }),
};

export function messagesSpec(open: OpenSubject): void {
  test.each(Object.entries(bodies))("messages: %s", async (_, body) => {
    const { saver, again } = await open();
    const live = await working(saver, body).invoke({ messages: started() }, run);
    const reread = await working(again(), body).getState(thread);
    expect(plain(reread.values.messages)).toEqual(plain(live.messages));
    const forked = working(again(), body);
    const old = (await historyOf(forked, thread)).find(({ next }) => next.includes("after"));
    const fork = await forked.updateState(old?.config ?? thread, { messages: [new HumanMessage("fork")] });
    expect(plain((await forked.invoke(null, fork)).messages)).toHaveLength(live.messages.length + 1);
  });
}

/** As the serializer sees them: what a message holds besides is not stored. */
const plain = (messages: readonly BaseMessage[]): unknown => JSON.parse(JSON.stringify(messages));
