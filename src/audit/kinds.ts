/** What an object is, by the fields that LangGraph, LangChain and the model clients give it. */
import { types } from "node:util";

/**
 * Own or inherited. Getters and proxies are not asked, since they would run: but for the exports of a module that was
 * compiled to CommonJS, or by a test runner, which are getters and answer with a variable.
 */
export function dataProperty(value: object, name: string): unknown {
  for (let holder: object | null = value; holder !== null && holder !== Object.prototype; ) {
    if (types.isProxy(holder)) return undefined;
    const found = Object.getOwnPropertyDescriptor(holder, name);
    if (found?.get !== undefined && isCompiledModule(holder)) return exported(holder, name);
    if (found !== undefined) return found.value;
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return undefined;
}

const isCompiledModule = (holder: object): boolean =>
  Object.hasOwn(holder, "__esModule") ||
  Object.getOwnPropertyDescriptor(holder, Symbol.toStringTag)?.value === "Module";

/** @returns Undefined too for what is not there yet, as in modules that import each other. */
function exported(module: object, name: string): unknown {
  try {
    return Reflect.get(module, name);
  } catch {
    return undefined;
  }
}

/** A compiled graph or a functional entrypoint. */
export const isPregel = (value: object): boolean => dataProperty(value, "lg_is_pregel") === true;

export const isCommand = (value: object): boolean => dataProperty(value, "lg_name") === "Command";

/** A chat model, LLM or embedding of LangChain's, or a client of a model's own SDK. */
export const isModelClient = (value: object): boolean => clientRetries(value) !== undefined;

/**
 * How often a model client calls again by itself.
 *
 * @returns Undefined for an object that is no model client.
 */
export function clientRetries(value: object): number | undefined {
  const caller = dataProperty(value, "caller");
  const isLangChains =
    dataProperty(value, "lc_runnable") === true || dataProperty(value, "embedQuery") !== undefined;
  if (isLangChains && typeof caller === "object" && caller !== null)
    return count(dataProperty(caller, "maxRetries"));
  // The SDKs of OpenAI, Anthropic and others that are generated alike.
  return typeof dataProperty(value, "baseURL") === "string"
    ? count(dataProperty(value, "maxRetries"))
    : undefined;
}

/** What `withRetry()` of a LangChain runnable makes: how often it runs what it wraps, all in all. */
export function runnableAttempts(value: object): number | undefined {
  return dataProperty(value, "lc_runnable") === true
    ? count(dataProperty(value, "maxAttemptNumber"))
    : undefined;
}

const count = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
