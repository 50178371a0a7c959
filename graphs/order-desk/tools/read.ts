/** Runs the tools that change nothing. Everything they answer is a fact that a plan and a reply may rest on. */
import { Fault, type Json } from "#src/faults/index.ts";
import type { Shop } from "../shop/shop.ts";
import { parseArguments } from "./action.ts";
import { calculate } from "./calculate.ts";
import { type ReadToolName, readTools } from "./catalogue.ts";
import { refusal } from "./rules/refusal.ts";

/**
 * @param name - As the model gave it.
 * @param args - As the model gave them.
 * @param userId - The customer that is served, once known: then details of other customers and their orders are refused.
 * @throws Fault llm-recoverable "unknown_tool", "bad_arguments", "bad_expression", "not_found" or "refused_by_shop";
 *   user-fixable "ambiguous_customer".
 */
export async function callReadTool(shop: Shop, name: string, args: unknown, userId?: string): Promise<Json> {
  if (!isReadTool(name)) {
    const known = Object.keys(readTools).join(", ");
    throw new Fault(
      "llm-recoverable",
      "unknown_tool",
      `there is no tool "${name}" to look things up; there are: ${known}`,
    );
  }
  switch (name) {
    case "find_user_id_by_email": {
      const { email } = parseArguments(name, readTools[name].schema, args);
      return known(await shop.findUserByEmail(email), `the email address ${email}`);
    }
    case "find_user_id_by_name_zip": {
      const { first_name, last_name, zip } = parseArguments(name, readTools[name].schema, args);
      const found = await shop.findUserByNameZip(first_name, last_name, zip);
      return known(found, `the name ${first_name} ${last_name} at zip code ${zip}`);
    }
    case "get_user_details": {
      const { user_id } = parseArguments(name, readTools[name].schema, args);
      if (userId !== undefined && user_id !== userId)
        throw refusal(`only customer ${userId} is served here, not ${user_id}`);
      return shop.user(user_id);
    }
    case "get_order_details": {
      const { order_id } = parseArguments(name, readTools[name].schema, args);
      const order = await shop.order(order_id);
      if (userId !== undefined && order.user_id !== userId) {
        throw refusal(`order ${order_id} is not an order of customer ${userId}`);
      }
      return order;
    }
    case "get_product_details":
      return shop.product(parseArguments(name, readTools[name].schema, args).product_id);
    case "list_all_product_types":
      parseArguments(name, readTools[name].schema, args);
      return shop.productTypes();
    case "calculate":
      return calculate(parseArguments(name, readTools[name].schema, args).expression);
    case "think":
      parseArguments(name, readTools[name].schema, args);
      return "noted";
    case "transfer_to_human_agents":
      parseArguments(name, readTools[name].schema, args);
      return "handed to a person";
  }
}

export function isReadTool(name: string): name is ReadToolName {
  return Object.hasOwn(readTools, name);
}

function known(userId: string | undefined, by: string): string {
  if (userId !== undefined) return userId;
  throw new Fault("llm-recoverable", "not_found", `no customer is known by ${by}`);
}
