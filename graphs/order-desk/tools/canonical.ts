/** One text for equal actions, for whoever compares them: a vote, a planner that looks for what was refused. */

/** Equal for equal values, whatever the order of their keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Equal for plans that do the same in the same order. What is declined is told in words of the planner's own. */
export function canonicalPlan({ actions }: { readonly actions: readonly unknown[] }): string {
  return canonical(actions);
}
