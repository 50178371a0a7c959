/** What a person says of work that something stands in the way of: try it again, or leave it to staff. */
import { z } from "zod";

export const againOrLeave = z
  .string({ error: "please answer again or leave" })
  .trim()
  .toLowerCase()
  .pipe(z.enum(["again", "leave"], { error: "please answer again or leave" }));
