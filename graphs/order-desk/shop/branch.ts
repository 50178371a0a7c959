/**
 * One branch of the shop over the tables: the given records, overlaid by what the branch has changed.
 */
import type pg from "pg";
import { Fault } from "#src/faults/index.ts";
import { type Phrase, phrasesInOrder, phrasesInUser, runsIn } from "./phrases.ts";
import type { Order, Product, User } from "./records.ts";
import type { Queryable, Shop, ShopChanges, ShopWrite } from "./shop.ts";
import type { ShopTables } from "./tables.ts";

/** @throws RangeError for an empty name. */
export function shopOn(pool: pg.Pool, tables: ShopTables, branch: string): Shop {
  if (branch === "") throw new RangeError("shop branch must be a name, got an empty string");
  const { records, changes, writes } = tables;

  async function read<T>(kind: Kind, id: string, tx: Queryable = pool): Promise<T> {
    const { rows } = await tx.query<{ data: T }>(
      `SELECT coalesce(c.data, r.data) AS data
       FROM ${records} r LEFT JOIN ${changes} c ON c.branch = $3 AND c.kind = r.kind AND c.id = r.id
       WHERE r.kind = $1 AND r.id = $2`,
      [kind, id, branch],
    );
    return found(rows, kind, id);
  }

  // Copies the record to the branch if it is not there, and locks the row in either case. The update changes
  // nothing; a SELECT … FOR UPDATE would find no row to lock before a branch's first write.
  async function lock<T>(tx: Queryable, kind: Kind, id: string): Promise<T> {
    const { rows } = await tx.query<{ data: T }>(
      `INSERT INTO ${changes} AS c (branch, kind, id, data)
       SELECT $3, kind, id, data FROM ${records} WHERE kind = $1 AND id = $2
       ON CONFLICT (branch, kind, id) DO UPDATE SET data = c.data
       RETURNING data`,
      [kind, id, branch],
    );
    return found(rows, kind, id);
  }

  const shop: Shop = {
    branch,
    order: (id, tx) => read<Order>("order", id, tx),
    product: (id, tx) => read<Product>("product", id, tx),
    user: (id, tx) => read<User>("user", id, tx),

    async findUserByEmail(email) {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM ${records} WHERE kind = 'user' AND lower(data->>'email') = lower($1)`,
        [email.trim()],
      );
      return rows[0]?.id;
    },

    async findUserByNameZip(firstName, lastName, zip) {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT r.id
         FROM ${records} r LEFT JOIN ${changes} c ON c.branch = $4 AND c.kind = r.kind AND c.id = r.id
         WHERE r.kind = 'user'
           AND lower(r.data->'name'->>'first_name') = lower($1) AND lower(r.data->'name'->>'last_name') = lower($2)
           AND coalesce(c.data, r.data)->'address'->>'zip' = $3
         ORDER BY r.id LIMIT 2`,
        [firstName.trim(), lastName.trim(), zip.trim(), branch],
      );
      if (rows.length > 1) {
        throw new Fault(
          "user-fixable",
          "ambiguous_customer",
          `more than one customer is called ${firstName} ${lastName} at zip code ${zip}: ask for the email address`,
        );
      }
      return rows[0]?.id;
    },

    async othersIn(text, userId) {
      const runs = runsIn(text);
      const given = await pool.query<Phrase>(`SELECT * FROM ${tables.phrases} WHERE plain = ANY($1)`, [runs]);
      // An address that the customer has just given an order is theirs as well.
      const { orders = {}, users = {} } = await shop.changed();
      const changed = [
        ...Object.entries(orders).flatMap(([id, order]) => phrasesInOrder(id, order)),
        ...Object.entries(users).flatMap(([id, user]) => phrasesInUser(id, user)),
      ];
      const unchanged = given.rows.filter(({ kind, id }) => !(id in (kind === "order" ? orders : users)));
      const wanted = new Set(runs);
      const held = [...unchanged, ...changed.filter(({ plain }) => wanted.has(plain))];
      const own = new Set(held.filter(({ owner }) => owner === userId).map(({ plain }) => plain));
      const others = held.filter(({ owner, plain }) => owner !== userId && !own.has(plain));
      return [...new Set(others.map(({ phrase }) => phrase))].sort();
    },

    async productTypes() {
      const { rows } = await pool.query<{ id: string; name: string }>(
        `SELECT id, data->>'name' AS name FROM ${records} WHERE kind = 'product' ORDER BY name`,
      );
      return Object.fromEntries(rows.map(({ id, name }) => [name, id]));
    },

    async changed() {
      const { rows } = await pool.query<
        { kind: "order"; id: string; data: Order } | { kind: "user"; id: string; data: User }
      >(
        `SELECT c.kind, c.id, c.data FROM ${changes} c JOIN ${records} r ON r.kind = c.kind AND r.id = c.id
         WHERE c.branch = $1 AND c.data <> r.data ORDER BY c.kind, c.id`,
        [branch],
      );
      const result: ShopChanges = {};
      for (const row of rows) {
        if (row.kind === "order") result.orders = { ...result.orders, [row.id]: row.data };
        else result.users = { ...result.users, [row.id]: row.data };
      }
      return result;
    },

    async writes() {
      const { rows } = await pool.query<ShopWrite>(
        `SELECT effect_key AS key, action, at FROM ${writes} WHERE branch = $1 ORDER BY number`,
        [branch],
      );
      return rows;
    },

    locked: (tx) => ({
      order: (id) => lock<Order>(tx, "order", id),
      product: (id) => read<Product>("product", id, tx),
      user: (id) => lock<User>(tx, "user", id),
    }),

    async save(tx, { key, action, orders = {}, users = {} }) {
      await tx.query(
        `WITH saved AS (
           UPDATE ${changes} c SET data = n.data
           FROM (SELECT 'order' AS kind, key AS id, value AS data FROM jsonb_each($4::jsonb)
                 UNION ALL SELECT 'user', key, value FROM jsonb_each($5::jsonb)) n
           WHERE c.branch = $1 AND c.kind = n.kind AND c.id = n.id
         )
         INSERT INTO ${writes} (branch, effect_key, action) VALUES ($1, $2, $3)`,
        [branch, key, action, JSON.stringify(orders), JSON.stringify(users)],
      );
    },
  };
  return shop;
}

type Kind = "order" | "product" | "user";

function found<T>(rows: { data: T }[], kind: Kind, id: string): T {
  const [row] = rows;
  if (row) return row.data;
  const hint = kind === "order" && !id.startsWith("#") ? ' (order ids begin with "#")' : "";
  throw new Fault("llm-recoverable", "not_found", `no ${kind} "${id}" in the shop${hint}`, {
    details: { kind, id },
  });
}
