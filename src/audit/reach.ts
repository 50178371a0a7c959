/**
 * What a node or handler can get at: the functions that it names, those that these name, and the objects that they
 * close over. A heuristic: a name in a text is taken for a use of the variable of that name.
 */
import { types } from "node:util";
import type { Closures, Scope } from "./closures.ts";
import { dataProperty } from "./kinds.ts";
import { callsOf, identifiers, renamed, type SourceText, sourceOf, without } from "./source-text.ts";

export interface ReachedFunction {
  readonly name: string;
  readonly text: SourceText;
  /** False for a function of a package. */
  readonly users: boolean;
  /** True for the node's own function, and the wrappers around it. */
  readonly own: boolean;
  /** True for what surely runs with the node: its own function, its helpers, and their helpers. */
  readonly near: boolean;
  /** True for a near one that is not called by way of a ledger only. */
  readonly bare: boolean;
}

export interface Reach {
  readonly functions: readonly ReachedFunction[];
  readonly objects: ReadonlySet<object>;
  /** Names of the classes among them. */
  readonly classes: ReadonlySet<string>;
  /** Names of Node's own functions among them. */
  readonly builtins: ReadonlySet<string>;
  /** False when a bound function is among them: what it is bound to shows no source. */
  readonly complete: boolean;
}

/** Calls that make an effect once, by this kit's names. */
const ledgered = /\b(?:once|onceWithin|recorded|step|stepWithin)/;

export function usesLedger(text: SourceText): boolean {
  return callsOf(text, ledgered).length > 0;
}

/** The text without what is handed to a ledger. */
export function withoutLedgered(text: SourceText): SourceText {
  return without(
    text,
    callsOf(text, ledgered).map(({ whole }) => whole),
  );
}

/** Helpers of helpers are near; what opens a database when it is first asked for is not. */
const NEAR = 2;
/** Bounds of the search. */
const FAR = 4;
const DEPTH = 20;

/** How the search came to a value. */
interface Way {
  readonly depth: number;
  /** Steps from a file's function to another one that the file has or imports. Wrappers around a node take none. */
  readonly helpers: number;
  readonly near: boolean;
  readonly bare: boolean;
}

/** The names in the text from which a value is looked at. */
interface Sight {
  readonly names: ReadonlySet<string>;
  readonly bare: ReadonlySet<string>;
  /** Of runnables that the text runs. */
  readonly run: ReadonlySet<string>;
}

/** @param leaf - True for an object that is looked at from outside only. */
export function reachOf(start: unknown, closures: Closures, leaf: (value: object) => boolean): Reach {
  const functions = new Map<CallableFunction, ReachedFunction & { readonly way: Way }>();
  const objects = new Set<object>();
  const classes = new Set<string>();
  const builtins = new Set<string>();
  const looked = new Map<object, { readonly sight: Sight; readonly way: Way }[]>();
  let complete = true;

  const visit = (value: unknown, sight: Sight, way: Way): void => {
    if (way.depth > DEPTH || way.helpers > FAR || types.isProxy(value)) return;
    if (typeof value === "function") visitFunction(value as CallableFunction, way);
    else if (typeof value === "object" && value !== null) visitObject(value, sight, way);
  };

  /** A name in a text, and what it stands for. */
  const visitNamed = (name: string, value: unknown, sight: Sight, way: Way): void => {
    // A function that is named is called, sooner or later; a chain or a list of tools may only be handed on.
    const near = way.near && (!isWhole(value) || sight.run.has(name));
    visit(value, sight, { ...way, near, bare: near && way.bare && sight.bare.has(name) });
  };

  const visitObject = (value: object, sight: Sight, way: Way): void => {
    const before = looked.get(value) ?? [];
    if (before.some((one) => one.sight === sight && covers(one.way, way))) return;
    looked.set(value, [...before, { sight, way }]);
    objects.add(value);
    if (leaf(value)) return;
    const inside = { ...way, depth: way.depth + 1 };
    if (isWhole(value)) {
      for (const name of Object.keys(value)) visit(dataProperty(value, name), sight, inside);
      visitHidden(value, inside);
    } else {
      for (const name of sight.names) {
        const member = dataProperty(value, name);
        visitNamed(name, member, sight, inside);
        if (typeof member === "function") visitSelf(value, member as CallableFunction, inside);
      }
    }
  };

  /** LangChain's agents keep their model in private fields. Their class names what it uses of them. */
  const visitHidden = (value: object, way: Way): void => {
    const made = dataProperty(value, "constructor");
    const text = typeof made === "function" ? sourceOf(made as CallableFunction) : undefined;
    if (text === undefined || !text.shape.includes("#")) return;
    for (const hidden of Object.values(closures.privatesOf(value))) visit(hidden, sightOf(text), way);
  };

  /** What a method has by way of `this`. */
  const visitSelf = (self: object, method: CallableFunction, way: Way): void => {
    const text = sourceOf(method);
    if (text === undefined || way.depth > DEPTH) return;
    const privates = /\bthis\s*\.\s*#/.test(text.shape) ? closures.privatesOf(self) : {};
    for (const [name, value] of Object.entries(privates))
      if (text.shape.includes(name)) visitNamed(name, value, sightOf(text), way);
    // A package's own fields are not the user's.
    if (/\bthis\b/.test(text.shape) && closures.of(method).origin === "user")
      visitObject(self, sightOf(text), { ...way, depth: way.depth + 1 });
  };

  const visitFunction = (fn: CallableFunction, way: Way): void => {
    const known = functions.get(fn);
    if (known !== undefined && covers(known.way, way)) return;
    const text = sourceOf(fn);
    if (text === undefined) {
      if (!fn.name.startsWith("bound ")) return;
      complete = false;
      const { target, self } = closures.boundOf(fn) ?? {};
      const inside = { ...way, depth: way.depth + 1 };
      visit(target, nothing, inside);
      if (typeof target === "function" && typeof self === "object" && self !== null && !types.isProxy(self))
        visitSelf(self, target as CallableFunction, inside);
      return;
    }
    if (text.shape.startsWith("class")) {
      classes.add(fn.name);
      return;
    }
    const { scopes, origin } = closures.of(fn);
    if (origin === "node") {
      builtins.add(fn.name);
      return;
    }
    const { near, bare } = way;
    const sight = sightOf(text);
    const aliases = aliasesIn(scopes, sight);
    functions.set(fn, {
      name: fn.name,
      text: aliases.size === 0 ? text : renamed(text, aliases),
      users: origin === "user",
      own: near && way.helpers === 0,
      near,
      bare,
      way,
    });
    for (const { file, variables } of scopes) {
      // A package's file holds what is the package's; only what it was given is the user's.
      if (file && origin === "package") continue;
      const helpers = way.helpers + (file ? 1 : 0);
      const next = { ...way, depth: way.depth + 1, helpers, near: near && helpers <= NEAR };
      for (const name of Object.keys(variables)) {
        if (sight.names.has(name)) visitNamed(name, variables[name], sight, next);
      }
    }
  };

  visit(start, nothing, { depth: 0, helpers: 0, near: true, bare: true });
  return { functions: [...functions.values()], objects, classes, builtins, complete };
}

const nothing: Sight = { names: new Set(), bare: new Set(), run: new Set() };

/** What the user's text calls LangGraph's classes by another name, as in `import { Command as Go }`. */
function aliasesIn(scopes: readonly Scope[], { names }: Sight): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const { variables } of scopes) {
    for (const name of Object.keys(variables)) {
      const value = names.has(name) ? variables[name] : undefined;
      if (typeof value !== "function" || types.isProxy(value)) continue;
      const isClass = value.name !== name && /^(?:Command|Send|StateGraph)$/.test(value.name);
      if (isClass && sourceOf(value as CallableFunction)?.shape.startsWith("class"))
        aliases.set(name, value.name);
    }
  }
  return aliases;
}

/** Each text is read once, however many nodes come by. */
const sights = new WeakMap<SourceText, Sight>();

function sightOf(text: SourceText): Sight {
  const known = sights.get(text);
  if (known !== undefined) return known;
  const run = text.shape.matchAll(/([\w$]+)\s*\)?\s*\??\.(?:invoke|stream|batch|call)\b/g);
  const sight = {
    names: identifiers(text),
    bare: identifiers(withoutLedgered(text)),
    run: new Set([...run].map(([, name = ""]) => name)),
  };
  sights.set(text, sight);
  return sight;
}

/** A list or a runnable: all of it belongs together, whatever names a text has for it. */
function isWhole(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  return typeof value === "object" && value !== null && dataProperty(value, "lc_runnable") === true;
}

/** True when the search has been here in a way that showed all that this one can show. */
function covers(before: Way, now: Way): boolean {
  return before.helpers <= now.helpers && (before.near || !now.near) && (before.bare || !now.bare);
}
