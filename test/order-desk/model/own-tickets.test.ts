import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { answerByRules } from "#graphs/order-desk/model/rules/index.ts";
import { readShopFiles, runDesk } from "./desk-simulation.ts";

const data = new URL("../../../graphs/order-desk/data/", import.meta.url).pathname;
const shop = readShopFiles(data);

interface OwnTicket {
  id: string;
  instruction: string;
  actions: unknown[];
  answers?: string[];
}

const tickets: OwnTicket[] = JSON.parse(readFileSync(`${data}tickets.json`, "utf8"));
const sound = tickets.filter(({ id }) => id !== "broken-books");

describe("our own tickets, by rules", () => {
  it.each(sound)("$id: plans what the file says", async ({ instruction, actions, answers }) => {
    const ending = await runDesk(shop, instruction, (messages) => answerByRules(messages), answers);
    expect(ending.question).toBeUndefined();
    expect(ending.plan?.actions).toEqual(actions);
  });

  it.each(sound)("$id: replies with no number that stands in neither facts nor outcome", async (ticket) => {
    let material = "";
    const ending = await runDesk(
      shop,
      ticket.instruction,
      (messages) => {
        material = messages.map(({ content }) => content).join("\n"); // the last call is the reply writer's
        return answerByRules(messages);
      },
      ticket.answers,
    );
    for (const number of ending.reply?.match(/\d+(?:\.\d+)?/g) ?? []) {
      expect(material).toContain(number.replace(/\.?0+$/, ""));
    }
  });
});
