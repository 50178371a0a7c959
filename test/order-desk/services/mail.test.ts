import { beforeAll, expect, it } from "vitest";
import { type MailClient, mailClient } from "#graphs/order-desk/services/mail-client.ts";
import { type Services, startServices } from "#graphs/order-desk/services/services.ts";
import { eachEngine } from "../../support/database.ts";

const mail = { to: "ada@example.org", subject: "Your order", body: "It is cancelled." };

eachEngine("the mail service", (open) => {
  let services: Services;
  let client: MailClient;

  beforeAll(async () => {
    const { pool, schema } = await open();
    services = await startServices(pool, schema, { seed: 1 });
    client = mailClient(services.mailUrl);
    return () => services.close();
  });

  it("sends one mail for one key, though its answer was lost", async () => {
    services.scene("once", { mail: { faults: ["reset_after"] } });
    const send = () => client.send({ thread: "once", key: "once/1", ...mail });
    await expect(send()).rejects.toMatchObject({ category: "transient" });
    expect(await client.sent("once")).toHaveLength(1);
    expect(await send()).toEqual({ key: "once/1", ...mail });
    expect(await client.sent("once")).toEqual([{ key: "once/1", ...mail }]);
  });

  it("does not send another text under a used key", async () => {
    await client.send({ thread: "reused", key: "reused/1", ...mail });
    const other = client.send({ thread: "reused", key: "reused/1", ...mail, body: "It is not." });
    await expect(other).rejects.toMatchObject({ category: "unexpected", code: "http_422" });
    expect(await client.sent("reused")).toHaveLength(1);
  });

  it("down from the start, it sends nothing and pays no heed to the payment's scene", async () => {
    services.scene("down", { mail: { downAfter: 0 } });
    await expect(client.send({ thread: "down", key: "down/1", ...mail })).rejects.toMatchObject({
      code: "http_503",
    });
    services.scene("down", { payment: { downAfter: 0 } });
    await client.send({ thread: "down", key: "down/1", ...mail });
    expect(await client.sent("down")).toHaveLength(1);
  });

  it("refuses an address that is none", async () => {
    const call = client.send({ thread: "nowhere", key: "nowhere/1", ...mail, to: "ada" });
    await expect(call).rejects.toMatchObject({ category: "unexpected", code: "http_400" });
    expect(await client.sent("nowhere")).toEqual([]);
  });
});
