/** A clean slate: the channels that a child owns, as they were before anybody wrote them. */
import { Overwrite } from "@langchain/langgraph";
import { registry } from "@langchain/langgraph/zod";
import type { z } from "zod";

/** The default of a state key. Undefined when it has none, or when there is no such key. */
export function defaultOf(state: z.ZodObject, key: string): unknown {
  const schema = state.shape[key] as z.ZodType | undefined;
  if (schema === undefined) return undefined;
  return registry.get(schema)?.default?.() ?? schema.safeParse(undefined).data;
}

/** As values: what the state will be. */
export function cleanValues(state: z.ZodObject, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, defaultOf(state, key)]));
}

/** As an update: a reducer would merge a plain default into what is there. */
export function cleanUpdate(state: z.ZodObject, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(cleanValues(state, keys)).map(([key, value]) => [
      key,
      registry.get(state.shape[key] as z.ZodType)?.reducer === undefined ? value : new Overwrite(value),
    ]),
  );
}
