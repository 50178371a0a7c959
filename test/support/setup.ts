/**
 * Fails a test that writes to the console, to stdout or stderr (where Node's warnings go): such a line is a
 * defect that nobody reads. A test that expects output replaces the console's method itself (`vi.spyOn`).
 *
 * The recorders are no vitest mocks, so that `vi.restoreAllMocks()` in a test leaves them in place.
 */
import { format } from "node:util";
import fc from "fast-check";
import { afterAll, afterEach, expect, inject } from "vitest";

fc.configureGlobal({ seed: inject("seed") });

let output: string[] = [];
const record = (line: string) => output.push(line);

for (const method of ["log", "info", "warn", "error", "debug", "trace", "table", "dir"] as const) {
  console[method] = (...args: unknown[]) => record(`console.${method}: ${format(...args)}`);
}
for (const name of ["stdout", "stderr"] as const) {
  process[name].write = (chunk: string | Uint8Array) => {
    record(`${name}: ${typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()}`);
    return true;
  };
}

function expectSilence(): void {
  const lines = output;
  output = [];
  expect(lines, "unexpected output").toEqual([]);
}
afterEach(expectSilence);
afterAll(expectSilence);
