/** The running desk on a fresh schema, with the project's own shop and tickets. */
import type { Persistence } from "#checkpoints/index.ts";
import { type Desk, type DeskEvent, type DeskRun, deskOn, type RunOptions } from "#graphs/order-desk/desk.ts";
import {
  type DeskConditions,
  type OpenResources,
  ownShopDir,
  resourcesOn,
} from "#graphs/order-desk/resources.ts";
import { readShop } from "#graphs/order-desk/shop/load-shop.ts";
import { readTickets, type Ticket } from "#graphs/order-desk/tickets.ts";
import type { FaultlineEvent } from "#src/events/index.ts";

export const calm: DeskConditions = { model: "rules", faults: { model: 0, tool: 0, payment: 0 }, seed: 1 };

export interface TestDesk extends Desk {
  readonly resources: OpenResources;
}

/** @param mend - Replaces parts that the nodes work with, to break one on purpose. */
export async function testDesk(
  persistence: Persistence,
  conditions: Partial<DeskConditions> = {},
  mend: (resources: OpenResources) => OpenResources = (resources) => resources,
): Promise<TestDesk> {
  const resources = mend(
    await resourcesOn(persistence, await readShop(ownShopDir), { ...calm, ...conditions }),
  );
  return { ...deskOn(resources, () => Promise.resolve(resources)), resources };
}

export async function ownTicket(id: string): Promise<Ticket> {
  const found = (await readTickets(`${ownShopDir}/tickets.json`)).find((ticket) => ticket.id === id);
  if (found === undefined) throw new RangeError(`there is no ticket ${id}`);
  return found;
}

/** A run, and what it said on the event stream. */
export async function listened(
  run: (options: RunOptions) => Promise<DeskRun>,
): Promise<{ run: DeskRun; events: FaultlineEvent[]; nodes: string[] }> {
  const events: FaultlineEvent[] = [];
  const nodes: string[] = [];
  const onEvent = (event: DeskEvent) => {
    if (event.kind === "fault") events.push(event.event);
    else nodes.push([...event.path, event.node].join("/"));
  };
  return { run: await run({ onEvent }), events, nodes };
}
