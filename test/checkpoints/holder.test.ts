import { expect, test } from "vitest";
import { isGone, parseHolder, thisProcess } from "#checkpoints/holder.ts";

/** Above any pid that Linux or macOS hands out. */
const deadPid = 2 ** 30;

test("this process is there, and is found again in what it wrote", async () => {
  const me = await thisProcess();
  expect(parseHolder(JSON.stringify({ ...me, call: "one" }))).toEqual(me);
  expect(await isGone(me)).toBe(false);
});

// Pids can be asked after on Linux only.
test.runIf(process.platform === "linux")(
  "a pid that nobody has, or somebody else by now, is gone",
  async () => {
    const me = await thisProcess();
    expect(await isGone({ ...me, pid: deadPid })).toBe(true);
    expect(await isGone({ ...me, started: "at some other time" })).toBe(true);
  },
);

test("a dead pid of another kernel or container says nothing here", async () => {
  const { host } = await thisProcess();
  expect(await isGone({ host, pid: deadPid, pidSpace: "elsewhere" })).toBe(false);
  expect(await isGone({ host, pid: deadPid })).toBe(false);
});

test.each(["", "{}", '{"host":1}', "someone"])("what is no holder is taken for none: %j", (text) => {
  expect(parseHolder(text)).toBeUndefined();
});
