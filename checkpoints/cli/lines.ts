/** What the commands say when they are done: a table of threads, and a total. */
import Table from "cli-table3";
import type { ResealedThread } from "../reseal.ts";
import type { RewrittenLedger } from "../reseal-ledger.ts";
import type { PrunedThread } from "../retention.ts";
import type { ConvertedThread } from "../to-stock.ts";

const reasons = {
  running: "left: a process runs it",
  damaged: "left: it is damaged",
  failed: "left: the database refused",
  waiting: "left: a question waits, or an effect or undo has not ended",
};

export function prunedLines(threads: readonly PrunedThread[], dryRun: boolean): string[] {
  if (threads.length === 0) return [dryRun ? "Nothing would go." : "Nothing had to go."];
  const table = tableOf(["thread", "checkpoints", "values", "writes", "bytes", ""]);
  for (const { thread, left, whole, checkpoints, blobs, writes, bytes } of threads) {
    const note = left === undefined ? (whole ? "the whole thread" : "") : reasons[left];
    table.push([shown(thread), checkpoints, blobs, writes, bytes, note].map(String));
  }
  const sum = (of: (thread: PrunedThread) => number) => threads.reduce((total, one) => total + of(one), 0);
  const touched = threads.filter(({ left }) => left === undefined).length;
  const counts = `${sum(({ checkpoints }) => checkpoints)} checkpoints, ${sum(({ blobs }) => blobs)} values and ${sum(({ writes }) => writes)} writes`;
  const megabytes = (sum(({ bytes }) => bytes) / 1e6).toFixed(1);
  return [
    table.toString(),
    ...threads.flatMap(({ problem }) => (problem === undefined ? [] : [shown(problem)])),
    `${dryRun ? "Would take" : "Took"} ${counts} of ${touched} ${touched === 1 ? "thread" : "threads"}: ${megabytes} MB as stored, indexes not counted.`,
    ...(dryRun ? ["This was a dry run: nothing is gone. Leave --dry-run out to do it."] : []),
  ];
}

/** @param ledger - Undefined where one thread was asked for. */
export function convertedLines(threads: readonly ConvertedThread[], ledger?: RewrittenLedger): string[] {
  return [
    ...(threads.length === 0 ? ["There are no threads."] : threadLines(threads)),
    ...openedLines(ledger),
  ];
}

function openedLines(ledger: RewrittenLedger | undefined): string[] {
  if (ledger === undefined) return ["The ledger stays as it is: leave --thread out to open it too."];
  return [
    ...ledger.problems.map(shown),
    ledger.problems.length === 0
      ? `${ledger.rewritten} of the ledger's records were opened: it needs no key.`
      : "Some of the ledger's records were left as they were: keep their keys, mend that, then ask again.",
  ];
}

function threadLines(threads: readonly ConvertedThread[]): string[] {
  const table = tableOf(["thread", "rewritten", ""]);
  for (const { thread, left, rewritten } of threads) {
    table.push([shown(thread), String(rewritten), left === undefined ? "" : reasons[left]]);
  }
  const left = threads.filter((one) => one.left !== undefined).length;
  return [
    table.toString(),
    ...threads.flatMap(({ problem }) => (problem === undefined ? [] : [shown(problem)])),
    left === 0
      ? "LangGraph's own PostgresSaver reads every thread here now."
      : `${left} of ${threads.length} threads were left as they were: stop what runs them, mend what is damaged, then ask again.`,
  ];
}

export function resealedLines(threads: readonly ResealedThread[], ledger: RewrittenLedger): string[] {
  const table = tableOf(["thread", "sealed", ""]);
  for (const { thread, left, sealed } of threads) {
    table.push([shown(thread), String(sealed), left === undefined ? "" : reasons[left]]);
  }
  const problems = [
    ...threads.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    ...ledger.problems,
  ];
  const left = threads.some((one) => one.left !== undefined) || problems.length > 0;
  return [
    ...(threads.length === 0 ? [] : [table.toString()]),
    ...problems.map(shown),
    `${ledger.rewritten} of the ledger's records were sealed anew.`,
    left
      ? "Something was left as it was: keep the older keys, mend that, then ask again."
      : "All is sealed with the first key: the others can go.",
  ];
}

function tableOf(head: string[]): Table.Table {
  return new Table({
    head,
    colAligns: head.map((name) => (name === "thread" || name === "" ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
}

/** A thread may be called anything; a terminal must not obey it. */
const shown = (thread: string): string => thread.replace(/\p{Cc}+/gu, " ");
