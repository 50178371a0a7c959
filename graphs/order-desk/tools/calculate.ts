/**
 * Arithmetic for the `calculate` tool: numbers, + - * / and parentheses, by recursive descent.
 *
 * A model wrote the expression, so it is parsed, never evaluated as code.
 */
import { Fault } from "#src/faults/index.ts";
import { toCents } from "../shop/money.ts";

/** Longer than any sum over an order; bounds the recursion too. */
const maxLength = 500;

/**
 * @returns The result, rounded to cents.
 * @throws Fault llm-recoverable "bad_expression" for anything else than arithmetic, for division by zero and for
 *   results beyond what a number holds.
 */
export function calculate(expression: string): number {
  if (expression.length > maxLength) throw bad(`longer than ${maxLength} characters`);
  const tokens = tokensOf(expression);
  let at = 0;

  function sum(): number {
    let value = product();
    while (tokens[at] === "+" || tokens[at] === "-")
      value = tokens[at++] === "+" ? value + product() : value - product();
    return value;
  }

  function product(): number {
    let value = factor();
    while (tokens[at] === "*" || tokens[at] === "/") {
      if (tokens[at++] === "*") {
        value *= factor();
        continue;
      }
      const divisor = factor();
      if (divisor === 0) throw bad("division by zero");
      value /= divisor;
    }
    return value;
  }

  function factor(): number {
    const token = tokens[at++];
    if (token === "-") return -factor();
    if (token === "+") return factor();
    if (token === "(") {
      const value = sum();
      if (tokens[at++] !== ")") throw bad("a parenthesis is not closed");
      return value;
    }
    if (token === undefined) throw bad("it ends where a number is due");
    const value = Number(token);
    if (Number.isNaN(value)) throw bad(`"${token}" stands where a number is due`);
    return value;
  }

  const value = sum();
  if (at < tokens.length) throw bad(`"${tokens[at]}" stands where an operator is due`);
  if (!Number.isFinite(value * 100)) throw bad("the result is too large");
  return toCents(value);
}

function tokensOf(expression: string): string[] {
  const foreign = /[^\d.+\-*/()\s]/.exec(expression);
  if (foreign) throw bad(`"${foreign[0]}" is not a digit, an operator or a parenthesis`);
  return expression.match(/[\d.]+|[+\-*/()]/g) ?? [];
}

function bad(why: string): Fault {
  return new Fault(
    "llm-recoverable",
    "bad_expression",
    `calculate: ${why}; use numbers, + - * / and parentheses`,
  );
}
