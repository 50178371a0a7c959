export { type Budget, type Budgets, newRun, withinBudgets } from "./budget.ts";
