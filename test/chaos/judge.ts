/** What must hold of a round when its last process is done, read from the database by a desk of its own. */
import pLimit from "p-limit";
import { openDesk } from "#graphs/order-desk/desk.ts";
import type { ServiceUrls } from "#graphs/order-desk/services/services.ts";
import { expectedEnds, recordsOf, retailDir, type TicketEnd } from "../tickets/run-tickets.ts";

export interface Judgement {
  /** A figure a reader can check, for the terminal. */
  readonly line: string;
  readonly problems: readonly string[];
}

export interface Round {
  readonly databaseUrl: string;
  readonly schema: string;
  readonly services: ServiceUrls;
  readonly tickets: readonly string[];
  /** Those whose payments were declined, or met a limit in the middle. */
  readonly troubled: ReadonlySet<string>;
}

/** Without kills the rules bring at least 450 of 500 to the expected end; fewer tickets need some room. */
const leastExpected = 0.85;
const enoughToCount = 50;

type Verdict = TicketEnd["records"] | "not begun";

export async function judge({ databaseUrl, schema, services, tickets, troubled }: Round): Promise<Judgement> {
  const calm = { model: 0, tool: 0, payment: 0 };
  const desk = await openDesk({
    databaseUrl,
    schema,
    services,
    shopDir: retailDir,
    model: "rules",
    faults: calm,
    seed: 1,
  });
  try {
    const expected = expectedEnds();
    const problems: string[] = [];
    const verdicts = new Map<string, Verdict>();
    const limit = pLimit(8);
    const judged = async (ticket: string) => {
      const run = await desk.look(ticket);
      const report = await desk.report(ticket);
      const records = recordsOf(report, expected.get(ticket));
      verdicts.set(ticket, run === undefined ? "not begun" : records);
      if (records === "wrong" || (run === undefined && records !== "unchanged" && records !== "expected")) {
        problems.push(
          `ticket ${ticket} ended neither as expected nor as it began: ${JSON.stringify(report.changed)}`,
        );
      }
      if (run !== undefined && run.status !== "finished" && run.status !== "paused") {
        problems.push(`ticket ${ticket} is stuck: ${run.status}`);
      }
      for (const { key, timesRun } of report.effects) {
        if (timesRun !== 1) problems.push(`ticket ${ticket}: ${key} happened ${timesRun} times`);
      }
    };
    await Promise.all(tickets.map((ticket) => limit(() => judged(ticket))));

    const { effects, doubled, lost, unclaimed, moneyBalanced, moved } = await desk.proof(tickets);
    for (const [what, keys] of Object.entries({ doubled, lost, unclaimed })) {
      if (keys.length > 0) problems.push(`effects ${what}: ${keys.join(", ")}`);
    }
    if (!moneyBalanced) problems.push("money does not balance");

    const count = (verdict: Verdict, among: readonly string[] = tickets) =>
      among.filter((ticket) => verdicts.get(ticket) === verdict).length;
    const calmly = tickets.filter((ticket) => !troubled.has(ticket) && verdicts.get(ticket) !== "not begun");
    const share = count("expected", calmly) / calmly.length;
    if (calmly.length >= enoughToCount && share < leastExpected) {
      problems.push(`only ${Math.round(share * 100)} % of the tickets that could be done were done`);
    }
    const line =
      `${count("expected")} tickets as expected, ${count("unchanged")} as they began, ${count("wrong")} wrong, ${count("not begun")} not begun; ` +
      `${effects} effects, ${doubled.length} doubled, ${lost.length + unclaimed.length} lost; ${moved} moved, ` +
      `${moneyBalanced ? "balanced" : "NOT balanced"}`;
    return { line, problems };
  } finally {
    await desk.close();
  }
}
