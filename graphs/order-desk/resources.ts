/**
 * What the desk's nodes work with: the shop, the model, the services, the ledger. Opened once a process.
 *
 * `openResources` is for whoever runs the desk; `resourcesFromEnv` opens it lazily for Studio and the servers, which
 * import the graph and know nothing of this project. The clients' breakers and bulkheads live here too.
 */
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { openPersistence, type Persistence, StartUpError } from "#checkpoints/index.ts";
import { createSaga, type EffectTools, effects, type Saga } from "#src/recovery/index.ts";
import { compensations } from "./compensations.ts";
import { loadEnv } from "./env.ts";
import { type DeskIsolation, deskIsolation } from "./isolation.ts";
import {
  type ChatModel,
  type ChatModelSettings,
  fallbackFromEnv,
  openChatModel,
  type StandIn,
  settingsFromEnv,
  startStandIn,
} from "./model/index.ts";
import type { Scene } from "./scene.ts";
import { type MailClient, mailClient } from "./services/mail-client.ts";
import { type PaymentClient, paymentClient } from "./services/payment-client.ts";
import { type ServiceUrls, servicesAt, startServices } from "./services/services.ts";
import { readShop } from "./shop/load-shop.ts";
import type { ShopData } from "./shop/records.ts";
import { openShop, type ShopStore } from "./shop/shop.ts";
import type { Ticket } from "./tickets.ts";
import { type ToolWeather, toolWeather } from "./tools/tool-weather.ts";

export interface DeskResources extends EffectTools<pg.PoolClient> {
  readonly shop: ShopStore;
  readonly model: ChatModel;
  /** Asked when the breaker of `model` is open. */
  readonly fallback: ChatModel | undefined;
  readonly isolation: DeskIsolation;
  readonly payment: PaymentClient;
  readonly mail: MailClient;
  readonly saga: Saga<pg.PoolClient>;
  readonly toolWeather: ToolWeather;
}

/** Nodes ask for the resources when they run, so that a graph can be built, drawn and checked without opening any. */
export type Resources = () => Promise<DeskResources>;

/** Who answers and what goes wrong. */
export interface DeskConditions {
  /** "auto": a real model when OPENAI_API_KEY is set, else the stand-in. A script is played by the stand-in. */
  model: "auto" | "live" | "rules" | { readonly script: readonly Ticket[] };
  /** Share of calls that go wrong, 0 to 1 each. */
  faults: { readonly model: number; readonly tool: number; readonly payment: number; readonly mail?: number };
  seed: number;
  /** The model behind the model. Default: what OPENAI_FALLBACK_MODEL names, of a live one; the stand-in has none. */
  fallback?: ChatModelSettings;
  /** Payment and mail that run elsewhere. Default: the project's own on loopback, which end with the desk. */
  services?: ServiceUrls;
}

export interface DeskOptions extends DeskConditions {
  /** Default: DATABASE_URL; without one, the embedded database in `dataDir`. */
  databaseUrl?: string;
  /** Default `.data/pg`. */
  dataDir?: string;
  /** Default `faultline`. */
  schema?: string;
  /** A folder with orders.json, products.json and users.json. */
  shopDir: string;
  onProgress?: (line: string) => void;
}

export interface OpenResources extends DeskResources {
  readonly persistence: Persistence;
  /** Names the endpoint's model; the stand-in's name says that it is none. */
  readonly modelName: string;
  /** What goes wrong around a thread from now on. */
  setScene(thread: string, scene: Scene): void;
  close(): Promise<void>;
}

/** The shop that comes with the project. */
export const ownShopDir = fileURLToPath(new URL("./data", import.meta.url));

/** @throws StartUpError, with one line, when the database, the shop's files or the key for a live model are not there. */
export async function openResources(options: DeskOptions): Promise<OpenResources> {
  const { faults: _, seed: __, shopDir, model: ___, ...place } = options;
  // Before the database is opened, so that a misspelt folder leaves nothing half done.
  const data = await readShop(shopDir);
  const persistence = await openPersistence(place);
  try {
    return await resourcesOn(persistence, data, options);
  } catch (error) {
    await persistence.close();
    throw error;
  }
}

/** The same on a persistence that is open. Closing the result closes it. */
export async function resourcesOn(
  persistence: Persistence,
  data: ShopData,
  options: DeskConditions,
): Promise<OpenResources> {
  const { faults, seed, services: elsewhere } = options;
  const { pool, schema, ledger, engine, breakers } = persistence;
  // The embedded database has this process alone.
  const shared = engine === "postgres" ? breakers : undefined;
  const shop = await openShop(pool, schema);
  await shop.load(data);
  const services = elsewhere ? servicesAt(elsewhere) : await startServices(pool, schema, { faults, seed });
  const { model, name, endpoint, fallback, standIn } = await openModel(options).catch(
    async (error: unknown) => {
      await services.close();
      throw error;
    },
  );
  const payment = paymentClient(services.paymentUrl);
  return {
    ...effects(ledger),
    persistence,
    shop,
    model,
    fallback: fallback && openChatModel(fallback),
    isolation: deskIsolation({ model: endpoint, fallback: endpointOf(fallback) }, shared),
    modelName: name,
    payment,
    mail: mailClient(services.mailUrl),
    saga: createSaga(ledger, compensations(shop, payment)),
    toolWeather: toolWeather({ rate: faults.tool, seed }),
    setScene: (thread, scene) => {
      services.scene(thread, scene);
      standIn?.scene(thread, scene);
    },
    async close() {
      await standIn?.close();
      await services.close();
      await persistence.close();
    },
  };
}

interface OpenModel {
  readonly model: ChatModel;
  readonly name: string;
  readonly endpoint: string;
  readonly fallback: ChatModelSettings | undefined;
  readonly standIn?: StandIn;
}

async function openModel({ model, fallback, faults, seed }: DeskConditions): Promise<OpenModel> {
  const settings = settingsFromEnv();
  if (model === "live" && settings === undefined) {
    throw new StartUpError(
      "--model live needs a key: set OPENAI_API_KEY (and OPENAI_BASE_URL, OPENAI_MODEL), or leave --model out.",
    );
  }
  if (settings !== undefined && (model === "auto" || model === "live")) {
    const { model: name } = settings;
    const behind = fallback ?? fallbackFromEnv();
    return { model: openChatModel(settings), name, endpoint: endpointOf(settings), fallback: behind };
  }
  const script = typeof model === "object" ? { script: model.script } : {};
  const standIn = await startStandIn({ ...script, faultRate: faults.model, seed });
  const own = { apiKey: "none-needed", baseUrl: standIn.url, model: standIn.model };
  return { model: openChatModel(own), name: standIn.model, endpoint: endpointOf(own), fallback, standIn };
}

/** As faults and events call it: the same for every process that calls it. */
function endpointOf(settings: ChatModelSettings | undefined): string {
  if (settings === undefined) return "no model";
  const { model, baseUrl } = settings;
  return baseUrl === undefined
    ? model
    : `${model} at ${URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl}`;
}

let fromEnv: Promise<OpenResources> | undefined;

/** The resources of a process that serves the graph: from the environment and `.env`, with the project's own shop. */
export const resourcesFromEnv: Resources = () => {
  fromEnv ??= openFromEnv().catch((error: unknown) => {
    // The next node tries again: what was in the way may be gone.
    fromEnv = undefined;
    throw error;
  });
  return fromEnv;
};

async function openFromEnv(): Promise<OpenResources> {
  loadEnv();
  return openResources({
    shopDir: ownShopDir,
    model: "auto",
    faults: { model: 0, tool: 0, payment: 0 },
    seed: 1,
  });
}
