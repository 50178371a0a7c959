import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isStartUpError } from "#checkpoints/index.ts";
import { readTickets } from "#graphs/order-desk/tickets.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const tasks = join(
  process.env.TAU_BENCH_DIR ?? join(import.meta.dirname, "../../../shared/tau-bench-retail"),
  "tasks.json",
);
const absent = !existsSync(tasks);
const good = { id: "a", instruction: "Cancel my order.", actions: [] };

async function refusalOf(content: string): Promise<string> {
  const file = join(await temporaryFolder(), "tickets.json");
  await writeFile(file, content);
  const error: unknown = await readTickets(file).catch((thrown: unknown) => thrown);
  expect(isStartUpError(error)).toBe(true);
  return (error as Error).message.replaceAll(file, "FILE");
}

describe("a file of tickets", () => {
  it("that is not there is named in one line", async () => {
    const file = join(await temporaryFolder(), "nowhere.json");
    await expect(readTickets(file)).rejects.toThrow(
      `${file}: there is no such file; name a JSON file that lists tickets`,
    );
  });

  it("that is a folder is no defect of ours", async () => {
    await expect(readTickets(await temporaryFolder())).rejects.toThrow("it cannot be read (EISDIR)");
  });

  it.each([
    ["no JSON", "[{", /^FILE: it is not JSON \(.+\); correct it there$/],
    ["a single ticket", JSON.stringify(good), /^FILE: it must be a list/],
    ["no ticket", "[]", /^FILE: it must be a list with at least one ticket/],
    ["a ticket without a message", '[{"id":"a"}]', /^FILE: ticket 1 \(id a\), "instruction": .+$/],
    [
      "a ticket with an empty message",
      '[{"id":"a","instruction":" "}]',
      /^FILE: ticket 1 \(id a\), "instruction": .+$/,
    ],
    ["a ticket without an id", '[{"instruction":"x"}]', /^FILE: ticket 1, "id": .+$/],
    ["words in place of a ticket", '["cancel"]', /^FILE: ticket 1, Invalid input: expected object.+$/],
    ["null in place of a ticket", "[null]", /^FILE: ticket 1, Invalid input: expected object.+$/],
    [
      "an action without arguments",
      JSON.stringify([{ ...good, actions: [{ name: "cancel_pending_order" }] }]),
      /^FILE: ticket 1 \(id a\), "actions.0.arguments": .+$/,
    ],
    [
      "an action that is no tool",
      JSON.stringify([{ ...good, actions: [{ name: "cancel_order", arguments: {} }] }]),
      /^FILE: ticket 1 \(id a\), "actions.0.name": .+$/,
    ],
    [
      "a scene that nobody can play",
      JSON.stringify([{ ...good, scene: { model: ["tired"] } }]),
      /^FILE: ticket 1 \(id a\), "scene.model.0": .+$/,
    ],
    [
      "a misspelt part of a scene",
      JSON.stringify([{ ...good, scene: { payment: { downafter: 1 } } }]),
      /^FILE: ticket 1 \(id a\), "scene.payment": Unrecognized key: "downafter"$/,
    ],
  ])("with %s is refused in one line that says where", async (_, content, line) => {
    expect(await refusalOf(content)).toMatch(line);
  });

  it("with one id twice is refused, also as number and text, since both would run on one thread", async () => {
    const twice = await refusalOf(JSON.stringify([{ ...good, id: 7 }, good, { ...good, id: "7" }]));
    expect(twice).toBe("FILE: ticket 3 has the id 7 of ticket 1: give each an id of its own");
  });

  it("with many mistakes names the first few", async () => {
    const lines = (await refusalOf(JSON.stringify(Array.from({ length: 9 }, () => ({}))))).split("\n");
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe("… and 13 more like these");
  });

  it("may leave out what only trials need", async () => {
    const file = join(await temporaryFolder(), "tickets.json");
    await writeFile(file, '[{"id":1,"instruction":"Cancel my order."}]');
    expect(await readTickets(file)).toEqual([{ id: 1, instruction: "Cancel my order.", actions: [] }]);
  });

  it.skipIf(absent)(
    `in the form of tau-bench is read as it is${absent ? " (absent: skipped)" : ""}`,
    async () => {
      const tickets = await readTickets(tasks);
      expect(tickets).toHaveLength(500);
      expect(tickets[0]).not.toHaveProperty("outputs");
    },
  );
});
