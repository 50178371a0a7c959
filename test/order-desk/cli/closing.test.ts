import { describe, expect, test } from "vitest";
import { nextLines } from "#graphs/order-desk/cli/closing.ts";
import type { DeskFlags } from "#graphs/order-desk/cli/flags.ts";
import { plain } from "#graphs/order-desk/cli/paint.ts";
import { reported } from "#graphs/order-desk/cli/report-file.ts";
import { resultOf, type TicketResult } from "#graphs/order-desk/cli/run-ticket.ts";
import { closingTable } from "#graphs/order-desk/cli/table.ts";
import type { TicketReport } from "#graphs/order-desk/report.ts";
import { finished, paused, reportOf } from "./stub-desk.ts";

function result(id: string, report: Partial<TicketReport> = {}, run = finished): TicketResult {
  return resultOf({ id, thread: `run-${id}` }, run, { ...reportOf(run, `run-${id}`), ...report }, 1500);
}

const flags: DeskFlags = { model: "auto", faults: { model: 0, tool: 0, payment: 0, mail: 0 }, seed: 1 };

describe("the closing table", () => {
  test("shows what was met and done, and an effect that was not made once", () => {
    const effects = [
      { key: "a", name: "a", timesRun: 1 },
      { key: "b", name: "b", timesRun: 2 },
    ];
    const table = closingTable([result("x", { faults: { unexpected: 1, transient: 2 }, effects })], plain);
    expect(table).toContain("│ x      │ resolved │ 2 transient, 1 unexpected │ 2, 1 not once │");
  });

  test("says what the checks cost beside the work", () => {
    const tokens = { work: 4_000, inspector: 1_500, votes: 700 };
    const table = closingTable([result("x", { tokens })], plain);
    expect(table).toContain("│  6,200 │ inspector 1,500, votes 700 │ 1.5 s │");
  });

  test("of many tickets has a row for each outcome", () => {
    const many = Array.from({ length: 41 }, (_, at) => result(String(at), { faults: { transient: 1 } }));
    const table = closingTable([...many, result("last", {}, paused("Which?"))], plain);
    expect(table).toMatch(/41 +│ resolved +│ 41 transient/);
    expect(table).toMatch(/1 +│ asked/);
  });
});

describe("what to do next", () => {
  test("is nothing when every ticket has ended", () => {
    expect(nextLines([result("x")], flags, plain)).toEqual([]);
  });

  test("finds a ticket on another shop again, whatever its folder is called", () => {
    const lines = nextLines([result("x", {}, paused("Which?"))], { ...flags, shop: "my shop" }, plain);
    expect(lines.join("\n")).toContain(`npm start -- resume run-x --shop 'my shop' --answer "…"`);
  });

  test("of hundreds of tickets fits on a screen", () => {
    const many = Array.from({ length: 300 }, (_, at) => result(String(at), {}, paused("Which?")));
    const lines = nextLines(many, flags, plain).join("\n").split("\n");
    expect(lines.length).toBeLessThan(30);
    expect(lines.at(-1)).toContain("290 more");
  });

  test("tells a bug from a stop, also of a thread that is only looked at", () => {
    const stopped = { ...finished, status: "stopped" as const };
    const bug = {
      node: "gates",
      category: "unexpected",
      code: "bug",
      message: "",
      end: "bubble_up",
    } as const;
    expect(nextLines([result("x", {}, stopped)], flags, plain)[1]).toContain("has steps left");
    expect(nextLines([result("x", { faultList: [bug] }, stopped)], flags, plain)[1]).toContain("met a bug");
  });
});

test("a table of the shop without a change is left out of the report", () => {
  expect(reported(result("x", { changed: { orders: {}, users: {} } })).changed).toEqual({});
});
