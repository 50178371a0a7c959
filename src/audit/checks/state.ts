/** Fields of the state that a checkpoint gives back as something else. */
import type { Found } from "../finding.ts";
import type { GraphView } from "../graph-view.ts";

export function state(view: GraphView): Found[] {
  return Object.entries(view.fields)
    .filter(([, schema]) => holdsDate(schema))
    .map(([field]) => ({ node: `state.${field}`, trap: "date-in-state" }));
}

/** Looks through what zod wraps around a schema, and into lists, records, objects and unions. */
function holdsDate(schema: unknown, seen = new Set<unknown>()): boolean {
  if (typeof schema !== "object" || schema === null || seen.has(schema)) return false;
  seen.add(schema);
  const { def } = (schema as { _zod?: { def?: Record<string, unknown> } })._zod ?? {};
  if (def === undefined) return false;
  if (def.type === "date") return true;
  const { innerType, element, valueType, shape, options, items, left, right } = def;
  const inside = [
    innerType,
    element,
    valueType,
    left,
    right,
    options,
    items,
    Object.values(shape ?? {}),
  ].flat();
  return inside.some((part) => holdsDate(part, seen));
}
