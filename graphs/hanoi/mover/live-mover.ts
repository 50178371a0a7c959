/**
 * A real model as mover, behind any OpenAI-compatible endpoint. Each answer is recorded in the ledger, so that a crash
 * pays for none twice. A million moves cost thousands of dollars (MAKER: 3,500): meant for few disks.
 */
import type { AIMessage, UsageMetadata } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { StartUpError } from "#checkpoints/index.ts";
import type { Ballot } from "#src/consensus/index.ts";
import { tokensAllowed } from "./answer.ts";
import type { Answer, Mover } from "./mover.ts";
import { promptOf } from "./prompt.ts";

/**
 * The first vote at temperature 0, further ones a little above: the same question twice would get the same error twice.
 * The node's policy retries, so the client does not; one token more than is allowed shows that an answer is too long.
 *
 * @param recorded - From `effects(ledger)`.
 * @throws StartUpError without a key.
 */
export function liveMover(
  recorded: Ballot<Answer>["recorded"],
  env: NodeJS.ProcessEnv = process.env,
): Mover & { readonly name: string } {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL } = env;
  if (!apiKey) {
    throw new StartUpError(
      "--live needs a key: set OPENAI_API_KEY (and OPENAI_BASE_URL, OPENAI_MODEL), or leave --live out.",
    );
  }
  const name = env.OPENAI_MODEL || "gpt-4.1-mini";
  const client = (temperature: number) =>
    new ChatOpenAI({
      apiKey,
      model: name,
      temperature,
      maxTokens: tokensAllowed + 1,
      maxRetries: 0,
      timeout: 60_000,
      streaming: false,
      useResponsesApi: false, // "compatible" endpoints know chat completions only
      ...(baseURL ? { configuration: { baseURL } } : {}),
    });
  const [first, further] = [client(0), client(0.1)];
  return {
    name,
    recorded,
    async ask(question, sample, { signal }) {
      const model = sample === 1 ? first : further;
      const answer: AIMessage = await model.invoke(
        promptOf(question),
        signal === undefined ? {} : { signal },
      );
      // An endpoint need not count.
      return {
        text: answer.text,
        tokens: outputTokens(answer.usage_metadata) ?? Math.ceil(answer.text.length / 4),
      };
    },
  };
}

const outputTokens = (usage: UsageMetadata | undefined): number | undefined => usage?.output_tokens;
