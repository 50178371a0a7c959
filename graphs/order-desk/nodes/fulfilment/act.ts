/**
 * Carries out one action of the plan: the shop's records in one transaction, then the money, each with its
 * compensation registered first. Runs once a superstep, so that every action ends in a checkpoint of its own.
 */
import { Command } from "@langchain/langgraph";
import { contextOf, type DeskRuntime, threadOf } from "../../context.ts";
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
  ): Promise<Command<unknown, FulfilmentUpdate, "act" | "__end__">> => {
    const action = state.plan?.actions[state.position];
    if (action === undefined) return new Command({ goto: "__end__", update: { carriedOut: "done" } });

    const desk = await resources();
    const at = { saga: sagaOf(state, runtime), number: state.position + 1 };
    const { money } = await changeRecords(desk, runtime, at, state.customerId ?? "", action);
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

async function changeRecords(
  { saga, shop, toolWeather }: DeskResources,
  runtime: DeskRuntime,
  at: Place,
  customerId: string,
  action: Action,
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
    (tx, key) => applyAction(tx, shop.on(branch), customerId, action, key),
  );
  // Committed, and the answer lost on the way: what the ledger is for.
  await toolWeather(runtime, `${action.name} answer`);
  return effectuation;
}

async function moveMoney(
  { saga, payment }: DeskResources,
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
    (key) => payment[kind]({ thread, key, method, amount, signal: runtime.signal }),
  );
}
