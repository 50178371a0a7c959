/**
 * The variables that a function can see, as a debugger shows them.
 *
 * A built graph holds its nodes and error handlers as closures: LangGraph wraps a handler in a function of its own, and
 * wrappers such as `guarded` do the same with a node. Their text says nothing; what they close over does. Read through
 * `node:inspector` in this very process: nothing is run, and nothing of the graph is changed.
 */
import { Session } from "node:inspector";
import { inspect } from "node:util";

export interface Scope {
  /** A file's own scope, with what it imports; else a block's or function's around the one asked for. */
  readonly file: boolean;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Closure {
  /** Innermost first. The global scope is left out. */
  readonly scopes: readonly Scope[];
  /** Where the function was written: by the user, in a package, or in Node itself. */
  readonly origin: "user" | "package" | "node";
}

export interface Closures {
  of(fn: CallableFunction): Closure;
  /** What `bind` was given. Undefined for a function that is not bound. */
  boundOf(fn: CallableFunction): { readonly target: unknown; readonly self: unknown } | undefined;
  /** An object's private fields, by their names with the `#`. */
  privatesOf(value: object): Readonly<Record<string, unknown>>;
  close(): void;
}

/** How a value comes from the debugger's side to ours, and back. */
const hand = Symbol.for("faultline.audit.hand");
const reachHand = `globalThis[Symbol.for("faultline.audit.hand")]`;
const shared = globalThis as { [hand]?: unknown };

/** Addresses of the scripts that this process has loaded. Kept, since asking takes some 100 ms in a big process. */
const addresses = new Map<string, string>();

/** @returns What must be closed again: a session with this process's own inspector. */
export function openClosures(): Closures {
  const session = new Session();
  session.connect();
  const known = new Map<CallableFunction, Closure>();

  const addressOf = (scriptId: string): string => {
    if (!addresses.has(scriptId)) {
      session.on("Debugger.scriptParsed", ({ params }) => addresses.set(params.scriptId, params.url));
      call(session, "Debugger.enable");
      call(session, "Debugger.disable");
      session.removeAllListeners("Debugger.scriptParsed");
    }
    return addresses.get(scriptId) ?? "";
  };

  /** Looks at a value from the debugger's side. */
  const inspected = <Seen>(value: unknown, look: (inside: Inside) => Seen): Seen => {
    try {
      shared[hand] = value;
      const { objectId } = call<Evaluated>(session, "Runtime.evaluate", { expression: reachHand }).result;
      return look(call<Inside>(session, "Runtime.getProperties", { objectId, ownProperties: true }));
    } finally {
      delete shared[hand];
    }
  };

  /** The value itself, of what the debugger has an id for. */
  const handed = (objectId: string | undefined): unknown => {
    if (objectId === undefined) return undefined;
    const functionDeclaration = `function () { ${reachHand} = this; }`;
    call(session, "Runtime.callFunctionOn", { objectId, functionDeclaration });
    return shared[hand];
  };

  const read = (fn: CallableFunction): Closure =>
    inspected(fn, (inside) => {
      const scriptId = internal(inside, "[[FunctionLocation]]")?.value?.scriptId;
      const scopes = internal(inside, "[[Scopes]]")?.objectId;
      if (scopes === undefined) return { scopes: [], origin: "node" };
      // The debugger's list has no prototype.
      const found = Array.from(handed(scopes) as ArrayLike<Found>);
      return {
        scopes: found.filter(isShown).map(scopeOf),
        origin: originOf(scriptId === undefined ? "node:" : addressOf(scriptId)),
      };
    });

  return {
    of(fn) {
      const closure = known.get(fn) ?? read(fn);
      known.set(fn, closure);
      return closure;
    },
    boundOf: (fn) =>
      inspected(fn, (inside) => {
        const target = internal(inside, "[[TargetFunction]]")?.objectId;
        const self = internal(inside, "[[BoundThis]]")?.objectId;
        return target === undefined ? undefined : { target: handed(target), self: handed(self) };
      }),
    privatesOf: (value) =>
      inspected(value, ({ privateProperties = [] }) =>
        Object.fromEntries(privateProperties.map(({ name, value }) => [name, handed(value?.objectId)])),
      ),
    close: () => session.disconnect(),
  };
}

interface Evaluated {
  readonly result: { readonly objectId: string };
}

interface Property {
  readonly name: string;
  readonly value?: { readonly objectId?: string; readonly value?: { readonly scriptId?: string } };
}

interface Inside {
  readonly internalProperties?: readonly Property[];
  readonly privateProperties?: readonly Property[];
}

const internal = ({ internalProperties }: Inside, name: string): Property["value"] =>
  internalProperties?.find((found) => found.name === name)?.value;

interface Found {
  readonly description: string;
  readonly object: Record<string, unknown>;
}

/** Vitest and tsx put a file into a function inside a function: the outer one's parameters are not the file's. */
const isShown = ({ description, object }: Found): boolean => {
  const names = Object.keys(object);
  const wraps = /^(?:__vite_ssr_(?!import_\d)|(?:exports|require|module|__filename|__dirname)$)/;
  const isWrapper = names.length > 0 && names.every((name) => wraps.test(name));
  return description !== "Global" && !isWrapper;
};

/** Outermost, and not always called a module's: CommonJS and test runners put a file into a function. */
const scopeOf = ({ object }: Found, at: number, { length }: ArrayLike<Found>): Scope => ({
  file: at === length - 1,
  variables: object,
});

function originOf(address: string): Closure["origin"] {
  if (address.startsWith("node:")) return "node";
  return address.includes("/node_modules/") ? "package" : "user";
}

/** A session of the same thread answers before `post` returns. */
function call<Answer>(session: Session, method: string, params: object = {}): Answer {
  let answer: { error: Error | null; result: unknown } | undefined;
  session.post(method, params, (error, result) => {
    answer = { error, result };
  });
  if (answer === undefined || answer.error !== null)
    throw new Error(`the inspector did not answer ${method}: ${inspect(answer?.error)}`);
  return answer.result as Answer;
}
