/**
 * Carries out one action of the plan: the shop's records in one transaction, then the money, each with its
 * compensation registered first. Runs once a superstep, so that every action ends in a checkpoint of its own.
 */
import { Command } from "@langchain/langgraph";
import { Fault } from "#src/faults/index.ts";
import { contextOf, type DeskRuntime, threadOf } from "../../context.ts";
import { callTool } from "../../isolation.ts";
import type { DeskResources, Resources } from "../../resources.ts";
import type { Action } from "../../tools/action.ts";
import type { Effectuation, MoneyMove } from "../../tools/effectuation.ts";
import { applyAction } from "../../tools/write.ts";
import { type FulfilmentState, type FulfilmentUpdate, sagaOf } from "./state.ts";

export const act =
  (resources: Resources) =>
  async (
    state: FulfilmentState,
    runtime: DeskRuntime,
  ): Promise<Command<unknown, FulfilmentUpdate, "act" | "compensate" | "__end__">> => {
    const { plan, estimates, position, customerId } = state;
    const action = plan?.actions[position];
    if (action === undefined) return new Command({ goto: "__end__", update: { carriedOut: "done" } });

    const desk = await resources();
    const at = { saga: sagaOf(state, runtime), number: position + 1 };
    // A new message came while this was taken back: fulfilment begins anew, and the ledger knows better.
    if (position === 0 && (await takingBack(desk, at.saga))) return new Command({ goto: "compensate" });
    const planned = { action, approved: estimates[position]?.summary };
    const { money } = await changeRecords(desk, runtime, at, customerId ?? "", planned);
    for (const move of money) await moveMoney(desk, runtime, at, move);
    return new Command({
      goto: "act",
      update: { position: at.number, done: [...state.done, { action, money }] },
    });
  };

interface Place {
  readonly saga: string;
  readonly number: number;
}

/** An action, and what people and gates were told that it would do. */
interface Planned {
  readonly action: Action;
  readonly approved: string | undefined;
}

async function takingBack({ saga }: DeskResources, id: string): Promise<boolean> {
  const { standing, undone, stuck } = await saga.report(id);
  return undone.length + stuck.length > 0 || standing.some(({ problem }) => problem !== undefined);
}

async function changeRecords(
  { saga, shop, toolWeather }: DeskResources,
  runtime: DeskRuntime,
  at: Place,
  customerId: string,
  { action, approved }: Planned,
): Promise<Effectuation> {
  const { branch } = contextOf(runtime);
  await toolWeather(runtime, action.name);
  const effectuation = await saga.stepWithin(
    runtime,
    {
      saga: at.saga,
      name: `${at.number} ${action.name}`,
      args: { branch, customerId, action },
      undo: "revert_change",
    },
    async (tx, key) => {
      const effectuation = await applyAction(tx, shop.on(branch), customerId, action, key);
      if (effectuation.summary !== approved) throw notAsApproved(effectuation.summary, approved);
      return effectuation;
    },
  );
  // Committed, and the answer lost on the way: what the ledger is for.
  await toolWeather(runtime, `${action.name} answer`);
  return effectuation;
}

/** The records changed since the plan was checked: nobody said yes to what the action would do now. */
function notAsApproved(now: string, approved = "nothing"): Fault {
  return new Fault("compensable", "not_as_approved", `approved was "${approved}", but now it is "${now}"`);
}

async function moveMoney(
  { saga, payment, isolation }: DeskResources,
  runtime: DeskRuntime,
  at: Place,
  move: MoneyMove,
): Promise<void> {
  const thread = threadOf(runtime);
  const { kind, method, amount } = move;
  await saga.step(
    runtime,
    {
      saga: at.saga,
      name: `${at.number} ${kind} ${method}`,
      args: { thread, kind, method, amount },
      undo: "cancel_transfer",
    },
    (key) =>
      callTool(isolation, isolation.payment, runtime, () =>
        payment[kind]({ thread, key, method, amount, signal: runtime.signal }),
      ),
  );
}
