/** A real model is asked as it should be: once a sample, the first at temperature 0, and its length is told. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { liveMover, liveSettings } from "#graphs/hanoi/mover/live-mover.ts";
import type { Mover } from "#graphs/hanoi/mover/mover.ts";
import { startOf } from "#graphs/hanoi/tower.ts";
import { unrecorded } from "#src/consensus/index.ts";

interface Asked {
  readonly model: string;
  readonly temperature: number;
  readonly max_completion_tokens?: number;
  readonly max_tokens?: number;
  readonly messages: readonly { readonly content: string }[];
}

/** An endpoint that answers with `status` and, where it counts, with `tokens`. */
async function endpoint(status: number, tokens?: number): Promise<{ mover: Mover; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    asked.push(JSON.parse(body) as Asked);
    const message = { role: "assistant", content: "move = [1, 0, 2]\nnext_state = [[3, 2], [], [1]]" };
    const usage = { prompt_tokens: 1, completion_tokens: tokens, total_tokens: 1 };
    response.writeHead(status, { "Content-Type": "application/json" }).end(
      JSON.stringify({
        id: "1",
        object: "chat.completion",
        model: "m",
        choices: [{ index: 0, message, finish_reason: "stop" }],
        ...(tokens === undefined ? {} : { usage }),
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_MODEL: "m" };
  return { mover: liveMover(liveSettings(env), unrecorded), asked };
}

const question = { pegs: startOf(3), last: null, moves: 0 };

test("the first sample is asked for at temperature 0, further ones a little above, all with a bound", async () => {
  const { mover, asked } = await endpoint(200, 31);
  const first = await mover.ask(question, 1, {});
  await mover.ask(question, 2, {});
  expect(first).toEqual({ text: "move = [1, 0, 2]\nnext_state = [[3, 2], [], [1]]", tokens: 31 });
  expect(asked.map(({ temperature }) => temperature)).toEqual([0, 0.1]);
  for (const { model, max_tokens, max_completion_tokens } of asked) {
    expect(model).toBe("m");
    expect(max_completion_tokens ?? max_tokens).toBe(751);
  }
});

test("the prompt has the pegs, the last move and the strategy's direction for this number of disks", async () => {
  const { mover, asked } = await endpoint(200);
  await mover.ask(question, 1, {});
  await mover.ask({ pegs: [[2], [1], []], last: { disk: 1, from: 0, to: 1 }, moves: 1 }, 1, {});
  const [three, two] = asked.map(({ messages }) => messages[0]?.content ?? "");
  expect(three).toContain("[[3,2,1],[],[]]");
  expect(three).toContain("as [disk, from, to]: none");
  expect(three).toContain("0 to 2 to 1 to 0");
  expect(two).toContain("[[2],[1],[]]");
  expect(two).toContain("as [disk, from, to]: [1,0,1]");
  expect(two).toContain("0 to 1 to 2 to 0");
});

test("an endpoint that does not count has its tokens estimated", async () => {
  const { mover } = await endpoint(200);
  expect((await mover.ask(question, 1, {})).tokens).toBe(12);
});

test("a failed call is not repeated by the client: the node's policy does that", async () => {
  const { mover, asked } = await endpoint(500);
  await expect(mover.ask(question, 1, {})).rejects.toMatchObject({ status: 500 });
  expect(asked).toHaveLength(1);
});
