/** What the commands say when they are done: a table of threads, and a total. */
import Table from "cli-table3";
import type { ResealedThread } from "../reseal.ts";
import type { ResealedLedger } from "../reseal-ledger.ts";
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

export function convertedLines(threads: readonly ConvertedThread[]): string[] {
  if (threads.length === 0) return ["There are no threads."];
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

export function resealedLines(threads: readonly ResealedThread[], ledger: ResealedLedger): string[] {
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
    `${ledger.sealed} of the ledger's records were sealed anew.`,
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
