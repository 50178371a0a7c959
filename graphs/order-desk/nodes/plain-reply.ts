/** The degraded route of the reply: plain words by code, for when no model can write one or staff must take over. */
import type { DeskState, DeskUpdate } from "../state.ts";

export function plainReply({ done, undone, stuck }: DeskState): DeskUpdate {
  const parts = [
    "Thank you for your message.",
    done.length > 0
      ? `We have done what you asked for (${done.length} of your requests).`
      : "Nothing has been changed.",
    ...(undone.length > 0 ? ["What had been begun was taken back."] : []),
    ...(stuck.length > 0 ? ["Our staff are looking after what could not be taken back."] : []),
    "A member of our staff will write to you.",
  ];
  return { replyText: parts.join(" ") };
}
