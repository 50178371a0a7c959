/** The commands that closing lines tell a person to type next, with the flags that find the same database again. */
import type { DeskFlags } from "./flags.ts";
import { shellWord } from "./text.ts";

export function resumeCommand(thread: string, flags: DeskFlags, answer?: string): string {
  const model =
    flags.model === "auto"
      ? []
      : ["--model", typeof flags.model === "object" ? `scripted:${flags.model.scriptFile}` : flags.model];
  return [
    "npm start -- resume",
    ...[thread, ...placeFlags(flags), ...model].map(shellWord),
    ...(answer === undefined ? [] : ["--answer", `"${answer}"`]),
  ].join(" ");
}

function placeFlags({ shop, schema }: DeskFlags): string[] {
  return [
    ...(shop === undefined ? [] : ["--shop", shop]),
    ...(schema === undefined ? [] : ["--schema", schema]),
  ];
}
