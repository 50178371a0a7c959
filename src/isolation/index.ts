export { type Budget, type Budgets, newRun, withinBudgets } from "./budget.ts";
export { onlyDeclared } from "./context.ts";
