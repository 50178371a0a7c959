/**
 * kill -9 of the order desk at random moments and at each crash point, over the public tickets, with faults on.
 *
 * The payment and mail services and the model's stand-in live here, with the driver: real ones do not die with the
 * desk. When all tickets have ended and kills are left, another round begins, on a schema of its own and under
 * other faults.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openPersistence, type Persistence } from "#checkpoints/index.ts";
import { startStandIn } from "#graphs/order-desk/model/index.ts";
import type { Scene } from "#graphs/order-desk/scene.ts";
import { startServices } from "#graphs/order-desk/services/services.ts";
import { readTickets, type Ticket } from "#graphs/order-desk/tickets.ts";
import { retailDir } from "../tickets/run-tickets.ts";
import { bundled } from "./bundle.ts";
import { type DeskProcess, type End, startDeskProcess } from "./desk-process.ts";
import { type Draw, drawFrom, shuffled } from "./draw.ts";
import { type Judgement, judge } from "./judge.ts";
import { killPlan } from "./kill-plan.ts";

export interface DeskChaosOptions {
  /** A real Postgres. Each round makes a schema there and drops it. */
  readonly databaseUrl: string;
  readonly seed: number;
  readonly kills: number;
  readonly say: (line: string) => void;
}

export interface DeskChaosEnd {
  /** By where they hit. */
  readonly kills: ReadonlyMap<string, number>;
  readonly judgements: readonly Judgement[];
  /** All that must not be. Empty: nothing lost, nothing twice. */
  readonly problems: readonly string[];
}

const faults = { model: 0.2, tool: 0.2, payment: 0.1, mail: 0.1 };
/**
 * What becomes of the payments of some tickets, so that what was done is taken back. All are said to one account alone: an
 * outage would open the payment service's breaker for every ticket.
 */
const troubles: readonly Scene[] = [
  { payment: { declined: true } },
  { payment: { limitedAfter: 0 } },
  { payment: { limitedAfter: 1 } },
];
const troubledShare = 0.25;
/** A desk that dies of itself again and again gets nowhere. */
const mostDeaths = 5;

export async function deskChaos(options: DeskChaosOptions): Promise<DeskChaosEnd> {
  const { seed, kills, say } = options;
  const draw = drawFrom(seed);
  const tickets = await readTickets(join(retailDir, "tasks.json"));
  const code = await bundled(fileURLToPath(new URL("./desk-child.ts", import.meta.url)));
  const hits = new Map<string, number>();
  const killed = () => [...hits.values()].reduce((sum, count) => sum + count, 0);
  const judgements: Judgement[] = [];
  const problems: string[] = [];
  let processes = 0;

  /** Booted one ahead, so that the next is ready when one dies. */
  const boot = (toLive: boolean): DeskProcess =>
    startDeskProcess(code.file, retailDir, toLive ? undefined : killPlan(draw, ++processes));
  let standby = boot(false);

  async function round(number: number): Promise<void> {
    const schema = `chaos_${seed}_${number}`;
    const place = await openPlace(options.databaseUrl, schema, draw, number, tickets);
    const open = new Map(
      shuffled(draw, tickets, `order ${number}`).map(({ id, instruction }) => [String(id), instruction]),
    );
    const found: string[] = [];
    let deaths = 0;
    let finished = false;
    try {
      while (!finished && deaths < mostDeaths) {
        const last = killed() >= kills;
        const desk = last ? boot(true) : standby;
        if (!last) standby = boot(false);
        const order = {
          databaseUrl: options.databaseUrl,
          schema,
          conditions: { faults, seed: place.seed, services: place.services },
          model: place.model,
          tickets: [...open].map(([id, message]) => ({ id, message })),
          begunOnly: last,
        };
        const end = await desk.run(order, (report) => {
          if (report.kind === "ended") open.delete(report.ticket);
          if (report.kind === "failed") found.push(`ticket ${report.ticket}: ${report.error}`);
        });
        if (end.how === "died") found.push(`a process died of itself: ${end.said}`);
        if (end.how === "killed") noteKill(end, open.size);
        deaths += end.how === "died" ? 1 : 0;
        finished = end.how === "finished";
      }
      if (!finished) found.push("the round was given up");
      const judgement = await judge({
        databaseUrl: options.databaseUrl,
        schema,
        services: place.services,
        tickets: tickets.map(({ id }) => String(id)),
        troubled: place.troubled,
      });
      found.push(...judgement.problems);
      judgements.push(judgement);
      say(`round ${number}: ${judgement.line}`);
    } finally {
      problems.push(...found.map((problem) => `round ${number}, schema ${schema}: ${problem}`));
      await place.persistence.pool.query(`DROP SCHEMA "${schema}" CASCADE`);
      await place.close();
    }
  }

  function noteKill({ at }: End, open: number): void {
    hits.set(String(at), (hits.get(String(at)) ?? 0) + 1);
    if (killed() % 50 === 0) say(`${killed()} kills, ${open} tickets of this round still open`);
  }

  try {
    for (let number = 1; killed() < kills && problems.length === 0; number++) await round(number);
  } finally {
    await standby.discard();
    await code.remove();
  }
  return { kills: hits, judgements, problems };
}

/** What outlives the desk's processes, and is new in each round. */
async function openPlace(
  databaseUrl: string,
  schema: string,
  draw: Draw,
  round: number,
  tickets: readonly Ticket[],
) {
  const seed = draw.between(1, 2 ** 31, "faults", round);
  const persistence: Persistence = await openPersistence({ databaseUrl, schema });
  const services = await startServices(persistence.pool, schema, { faults, seed });
  const model = await startStandIn({ faultRate: faults.model, seed });
  const troubled = new Set<string>();
  for (const { id } of tickets) {
    if (draw.share("troubled", round, String(id)) >= troubledShare) continue;
    troubled.add(String(id));
    services.scene(
      String(id),
      troubles[draw.between(0, troubles.length - 1, "trouble", round, String(id))] ?? {},
    );
  }
  return {
    persistence,
    seed,
    troubled,
    services: { paymentUrl: services.paymentUrl, mailUrl: services.mailUrl },
    model: { url: model.url, name: model.model },
    async close() {
      await model.close();
      await services.close();
      await persistence.close();
    },
  };
}
