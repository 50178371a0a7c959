import { ChatPromptTemplate } from "@langchain/core/prompts";
import { ChatOpenAI } from "@langchain/openai";
import { END, graphOf, type Pair, START } from "../pair.ts";

/** The model stands in a chain, which a helper runs. */
const graph = (options: object) => {
  const chain = ChatPromptTemplate.fromTemplate("{log}").pipe(
    new ChatOpenAI({ apiKey: "none", model: "none", ...options }),
  );
  const answer = async (log: string) => String((await chain.invoke({ log })).content);
  return graphOf()
    .addNode("ask", async ({ log }) => ({ log: await answer(log) }))
    .addEdge(START, "ask")
    .addEdge("ask", END)
    .compile();
};

/** A run would wait for a minute of backoff; P23 in test/traps shows what it comes to. */
export const pair: Pair = {
  fails: "a LangChain model calls six times more by itself",
  trap: "client-retries",
  at: "graph: ask",
  trapped: () => graph({}),
  mended: () => graph({ maxRetries: 0 }),
};
