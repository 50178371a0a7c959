/** `npm run dev` as Studio uses it: a server on a port of one's choice, driven over HTTP with the SDK. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTickets } from "#graphs/order-desk/tickets.ts";
import { type CopiedTree, copiedTree, root } from "./copied-tree.ts";

let tree: CopiedTree;
let server: ChildProcess;
let client: Client;
let log = "";

beforeAll(async () => {
  tree = await copiedTree({ linkModules: true });
  const port = await freePort();
  // A group of its own: the CLI leaves a watcher behind that only SIGKILL ends.
  const { DATABASE_URL: _, OPENAI_API_KEY: __, ...env } = process.env;
  server = spawn("npm", ["run", "dev", "--", "--port", String(port)], {
    cwd: tree.folder,
    env,
    detached: true,
  });
  for (const stream of [server.stdout, server.stderr])
    stream?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  client = new Client({ apiUrl: `http://localhost:${port}` });
  await answering(`http://localhost:${port}/ok`);
}, 120_000);

afterAll(async () => {
  if (server.pid !== undefined) process.kill(-server.pid, "SIGKILL");
  await tree.remove();
});

const instruction = async (id: string) => {
  const tickets = await readTickets(`${root}/graphs/order-desk/data/tickets.json`);
  const found = tickets.find((ticket) => ticket.id === id);
  if (found === undefined) throw new RangeError(`no ticket ${id}`);
  return found;
};

test("the graph loads with its name, its forms and the edges of its routes", async () => {
  const [assistant] = await client.assistants.search({ graphId: "order-desk" });
  expect(assistant).toMatchObject({ graph_id: "order-desk", name: "order-desk" });
  const id = assistant?.assistant_id ?? "";

  const schemas = await client.assistants.getSchemas(id);
  expect(schemas.input_schema).toMatchObject({
    properties: { message: { description: "The customer's message" } },
  });
  expect(schemas.context_schema).toMatchObject({
    properties: {
      approvalLimit: { description: expect.stringContaining("approves every plan") },
      branch: { description: expect.any(String) },
      inspector: { description: expect.any(String) },
      voteAbove: { description: expect.any(String) },
    },
  });

  const { edges } = await client.assistants.getGraph(id);
  const drawn = edges.map(({ source, target }) => `${String(source)} → ${String(target)}`);
  expect(drawn).toEqual(
    expect.arrayContaining([
      "desk → work",
      "intake → ask_customer",
      "intake → bubble_up",
      "send → leave_unsent",
    ]),
  );
});

test("a fault asks the customer, waits, and a resume goes on to the end", async () => {
  const ticket = await instruction("who-is-it");
  const { thread_id } = await client.threads.create();
  await client.runs.wait(thread_id, "order-desk", { input: { message: ticket.instruction } });
  const paused = await client.threads.getState<{ faults: { category: string; route: string }[] }>(thread_id);
  expect(paused.next).toEqual(["ask_customer"]);
  expect(paused.values.faults).toEqual([
    expect.objectContaining({ category: "user-fixable", route: "ask_customer" }),
  ]);
  expect(paused.tasks[0]?.interrupts[0]?.value).toMatchObject({
    question: expect.stringContaining("Who are you?"),
  });

  await client.runs.wait(thread_id, "order-desk", { command: { resume: ticket.answers?.[0] } });
  const ended = await client.threads.getState<{ replyText: string; carriedOut: string; mailed: boolean }>(
    thread_id,
  );
  expect(ended.next).toEqual([]);
  expect(ended.values).toMatchObject({ carriedOut: "done", mailed: true });
});

test("the context's limit decides whether a person is asked, and no means no", async () => {
  const ticket = await instruction("large-refund");
  const { thread_id } = await client.threads.create();
  const context = { approvalLimit: 500, branch: "studio" };
  await client.runs.wait(thread_id, "order-desk", { input: { message: ticket.instruction }, context });
  const paused = await client.threads.getState(thread_id);
  expect(paused.next).toEqual(["approval"]);
  await client.runs.wait(thread_id, "order-desk", { command: { resume: "no" }, context });
  const ended = await client.threads.getState<{ done: unknown[]; plan: { declined: unknown[] } }>(thread_id);
  expect(ended.next).toEqual([]);
  expect(ended.values.done).toEqual([]);
  expect(ended.values.plan.declined).toHaveLength(1);
});

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`the dev server does not answer at ${url}:\n${log.slice(-2_000)}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
