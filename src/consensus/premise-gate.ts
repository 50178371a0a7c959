/**
 * Premise gates: nodes that judge what the next one would build on. Put one on any edge, after its author:
 *
 *     .addNode("inspector", guarded(inspector({ … })), routed({ llmRecoverable: { backTo: "planner", rounds: 3 } }))
 *
 * An inspector stands outside: it sees the evidence and the claim that it declares, never the author's reasoning. A
 * challenger is the receiver itself, which judges what it was sent before it builds on it (Huang et al.,
 * arXiv:2408.00989). Rounds are bounded by the route. Not for what code can check: that is a gate or a red flag.
 */
import { z } from "zod";
import { emit } from "../events/index.ts";
import { classify, Fault, isControlFlow, type Json } from "../faults/index.ts";
import { onlyDeclared } from "../isolation/index.ts";
import { type NodeRuntime, nodeName } from "../routing/index.ts";

/** What a judge answers. Each reason says what is wrong in words that the author can mend it by. */
export const judgementSchema = z
  .object({
    /** "amend": the claim is right but for what the reasons say. "reject": it must be made anew. */
    verdict: z.enum(["pass", "amend", "reject"]),
    reasons: z.array(z.string()).default([]),
  })
  .refine(({ verdict, reasons }) => verdict === "pass" || reasons.some((reason) => reason.trim() !== ""), {
    message: "a refusal needs at least one reason",
    path: ["reasons"],
  });

export type Judgement = z.infer<typeof judgementSchema>;

export interface Gate<State, Runtime extends NodeRuntime, Sees extends z.ZodObject, Update> {
  /** Names the judge in faults and events: "inspector of plans". */
  readonly name: string;
  /** All that the judge is given: a `z.strictObject` of claim and evidence. Another schema would let the rest through. */
  readonly sees: Sees;
  /** Takes it from the state. @throws Fault unexpected "undeclared_context" for more or less than `sees` declares. */
  readonly show: (state: State, runtime: Runtime) => z.input<Sees>;
  /**
   * Asks the model that judges, by preference another one than the author's.
   *
   * @throws What is llm-recoverable by `classify`, for an answer that is no judgement: discarded and asked again, as
   *   what does not fit `judgementSchema` is.
   */
  readonly judge: (seen: z.output<Sees>, runtime: Runtime) => Promise<Judgement>;
  /** What the node writes when the claim passes. Default nothing. */
  readonly passed?: (state: State) => Update;
  /** The fault for a refusal, where the graph wants another one. Default `refusal`: back to the author. */
  readonly refused?: (refusal: Judgement, state: State, runtime: Runtime) => Fault;
}

export type GateNode<State, Runtime, Update> = (state: State, runtime: Runtime) => Promise<Update>;

/** How often a judge is asked again for an answer that is no judgement. */
const askings = 3;

/**
 * A node in which an eye from outside judges a claim by its evidence.
 *
 * @returns A node for `guarded`. It throws Fault llm-recoverable "refused_by_inspector" or "amended_by_inspector", with
 *   the reasons, and compensable "no_judgement" when three answers in a row were none.
 * @throws TypeError where `sees` is no strict object.
 */
export function inspector<State, Runtime extends NodeRuntime, Sees extends z.ZodObject, Update = object>(
  gate: Gate<State, Runtime, Sees, Update>,
): GateNode<State, Runtime, Update> {
  return premiseGate("inspector", gate);
}

/**
 * A node in which a receiver judges what it was sent, before the next node builds on it.
 *
 * @returns A node for `guarded`, which throws as `inspector`'s does, by the name of the challenger.
 */
export function challenger<State, Runtime extends NodeRuntime, Sees extends z.ZodObject, Update = object>(
  gate: Gate<State, Runtime, Sees, Update>,
): GateNode<State, Runtime, Update> {
  return premiseGate("challenger", gate);
}

function premiseGate<State, Runtime extends NodeRuntime, Sees extends z.ZodObject, Update>(
  by: "inspector" | "challenger",
  gate: Gate<State, Runtime, Sees, Update>,
): GateNode<State, Runtime, Update> {
  const { name, sees, show, passed, refused } = gate;
  if (!(sees.def.catchall instanceof z.ZodNever))
    throw new TypeError(
      `${by} "${name}": sees must be a z.strictObject, or the judge is shown more than it declares`,
    );
  return async (state, runtime) => {
    const judgement = await judged(gate, onlyDeclared(name, sees, show(state, runtime)), runtime);
    const { verdict, reasons } = judgement;
    emit(runtime, { type: "judged", node: nodeName(runtime), by, gate: name, verdict, reasons });
    if (verdict === "pass") return passed === undefined ? ({} as Update) : passed(state);
    throw refused?.(judgement, state, runtime) ?? refusal(by, judgement);
  };
}

/**
 * What a gate throws when it refuses: Fault llm-recoverable, such as "refused_by_inspector" or "amended_by_challenger".
 *
 * @param more - Besides the reasons, for its details: the claim, where the author has it in no conversation.
 */
export function refusal(
  by: "inspector" | "challenger",
  { verdict, reasons }: Judgement,
  more: { [key: string]: Json } = {},
): Fault {
  const code = `${verdict === "amend" ? "amended" : "refused"}_by_${by}`;
  return new Fault("llm-recoverable", code, reasons.join("; "), { details: { reasons, ...more } });
}

async function judged<State, Runtime extends NodeRuntime, Sees extends z.ZodObject, Update>(
  { name, judge }: Gate<State, Runtime, Sees, Update>,
  seen: z.output<Sees>,
  runtime: Runtime,
): Promise<Judgement> {
  let last: Fault | undefined;
  for (let asking = 1; asking <= askings; asking++) {
    try {
      return judgementSchema.parse(await judge(seen, runtime));
    } catch (error) {
      if (isControlFlow(error, runtime.signal)) throw error;
      last = classify(error);
      const { category, code, message } = last;
      if (category !== "llm-recoverable") throw error;
      emit(runtime, { type: "red_flag", node: nodeName(runtime), code, message });
    }
  }
  const words = `${name}: ${askings} answers that are no judgement; the last one: ${last?.message}`;
  throw new Fault("compensable", "no_judgement", words, { cause: last });
}
