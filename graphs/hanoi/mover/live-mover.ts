/**
 * A real model as mover, behind any OpenAI-compatible endpoint. Each answer is recorded in the ledger, so that a crash
 * pays for none twice. A million moves cost thousands of dollars (MAKER: 3,500): meant for few disks.
 */
import type { AIMessage, UsageMetadata } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { StartUpError } from "#checkpoints/index.ts";
import { tokensAllowed } from "./answer.ts";
import type { Mover } from "./mover.ts";
import { promptOf } from "./prompt.ts";

export interface LiveSettings {
  readonly apiKey: string;
  readonly baseURL: string | undefined;
  readonly model: string;
}

/** @throws StartUpError without a key. */
export function liveSettings(env: NodeJS.ProcessEnv = process.env): LiveSettings {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, OPENAI_MODEL: model } = env;
  if (apiKey) return { apiKey, baseURL: baseURL || undefined, model: model || "gpt-4.1-mini" };
  throw new StartUpError(
    "--live needs a key: set OPENAI_API_KEY (and OPENAI_BASE_URL, OPENAI_MODEL), or leave --live out.",
  );
}

/**
 * The first vote at temperature 0, further ones a little above: the same question twice would get the same error twice.
 * The node's policy retries, so the client does not; one token more than is allowed shows that an answer is too long.
 *
 * @param recorded - From `effects(ledger)`.
 */
export function liveMover({ apiKey, baseURL, model }: LiveSettings, recorded: Mover["recorded"]): Mover {
  const at = (temperature: number) =>
    new ChatOpenAI({
      apiKey,
      model,
      temperature,
      maxTokens: tokensAllowed + 1,
      maxRetries: 0,
      timeout: 60_000,
      streaming: false,
      useResponsesApi: false, // "compatible" endpoints know chat completions only
      ...(baseURL !== undefined ? { configuration: { baseURL } } : {}),
    });
  const [first, further] = [at(0), at(0.1)];
  return {
    recorded,
    async ask(question, sample, { signal }) {
      const client = sample === 1 ? first : further;
      const answer: AIMessage = await client.invoke(
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
