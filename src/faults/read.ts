/**
 * Looks at things that were thrown without ever throwing itself: they can be anything, down to a proxy whose every
 * trap fails or an error whose getters do.
 */
import { types } from "node:util";

/** Levels of causes and parts that are looked at. A chain that a loop wraps anew each round must not fill the stack. */
export const deepestCause = 20;

/** The value at `key`, inherited ones included. Undefined when there is none or it cannot be read. */
export function read(thing: unknown, key: PropertyKey): unknown {
  if ((typeof thing !== "object" && typeof thing !== "function") || thing === null) return undefined;
  try {
    return (thing as Record<PropertyKey, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** {@link read}, for strings only. The empty string counts as none. */
export function readText(thing: unknown, key: PropertyKey): string | undefined {
  const value = read(thing, key);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * The names an error goes by: its `name`, then its classes' names, nearest first. Many classes, the OpenAI SDK's
 * among them, never set `name`.
 */
export function namesOf(thing: unknown): string[] {
  const names = [readText(thing, "name")];
  if (typeof thing === "object" && thing !== null) {
    try {
      for (
        let proto: unknown = Object.getPrototypeOf(thing);
        proto !== null && proto !== Object.prototype && names.length < 10;
        proto = Object.getPrototypeOf(proto)
      ) {
        names.push(readText(read(proto, "constructor"), "name"));
      }
    } catch {
      // A proxy that hides its prototype has no class for us.
    }
  }
  return names.filter((name) => name !== undefined);
}

/** True for errors of any realm, and for DOMException, which is an Error only by its prototype. */
export function isError(thing: unknown): boolean {
  try {
    return types.isNativeError(thing) || thing instanceof Error;
  } catch {
    return false;
  }
}

/** One line that says what was thrown. */
export function describe(thing: unknown): string {
  if (typeof thing === "string") return thing;
  const message = readText(thing, "message");
  if (message !== undefined) return withoutPointer(message);
  if (isError(thing))
    return describeParts(thing) || (readText(thing, "name") ?? "an error without a message");
  if (typeof thing === "object" && thing !== null) return `an object was thrown: ${asJson(thing)}`;
  return typeof thing === "function" ? "a function was thrown" : `${String(thing)} was thrown`;
}

/** Node gives the AggregateError of a host with several addresses no message of its own. */
function describeParts(thing: unknown): string {
  const parts = read(thing, "errors");
  if (!Array.isArray(parts)) return "";
  return parts
    .map((part) => readText(part, "message"))
    .filter((message) => message !== undefined)
    .join("; ");
}

/** LangChain and LangGraph append a link to their documentation, which says nothing of what happened. */
function withoutPointer(message: string): string {
  const at = message.indexOf("\n\nTroubleshooting URL: ");
  return at > 0 ? message.slice(0, at) : message;
}

function asJson(thing: object): string {
  try {
    return JSON.stringify(thing).slice(0, 200);
  } catch {
    return "(it cannot be shown)";
  }
}
