import { describe, expect, test } from "bun:test";
import { keptLog, ManualClock, settle } from "../testing/mod.ts";
import { type KubeClient, KubeError, type KubeObject } from "../types.ts";
import { LeaseElector } from "./lease_elector.ts";
import { timingOf } from "./timing.ts";

interface Spec {
  holderIdentity: string;
  leaseDurationSeconds: number;
  acquireTime: string;
  renewTime: string;
  leaseTransitions: number;
}

/** An API server with one Lease, as k8s.io/api has it, and a switch for what it refuses. */
class LeaseServer {
  stored: { version: number; spec: Spec } | undefined;
  refusal: KubeError | Error | undefined;
  readonly asked: string[] = [];
  #watchers: ((object: KubeObject | undefined) => void)[] = [];

  put(spec: Partial<Spec>): void {
    const before = this.stored ?? { version: 0, spec: {} as Spec };
    this.stored = { version: before.version + 1, spec: { ...before.spec, ...spec } };
    for (const tell of this.#watchers.splice(0)) tell(this.#object());
  }

  delete(): void {
    const last = this.#object();
    this.stored = undefined;
    for (const tell of this.#watchers.splice(0)) tell({ ...last, isDeleted: true });
  }

  client(): KubeClient {
    const server = this;
    const answer = (verb: string, work: () => void) => {
      server.asked.push(verb);
      if (server.refusal) throw server.refusal;
      work();
      return server.#object();
    };
    const client: Partial<KubeClient> = {
      get: async () =>
        answer("get", () => {
          if (!server.stored) throw new KubeError(404, "NotFound", "no such Lease");
        }),
      create: async (_resource, object) =>
        answer("create", () => {
          if (server.stored) throw new KubeError(409, "AlreadyExists", "there is one");
          server.put(object.spec as Spec);
        }),
      patch: async (_resource, _target, _type, body) =>
        answer("patch", () => {
          const { metadata, spec } = body as KubeObject;
          if (metadata.resourceVersion !== String(server.stored?.version)) {
            throw new KubeError(409, "Conflict", "changed meanwhile");
          }
          server.put(spec as Spec);
        }),
      async *pages() {
        yield { items: server.stored ? [server.#object()] : [], resourceVersion: "1" };
      },
      async *watch(_resource, _version, { signal }) {
        for (;;) {
          const object = await new Promise<KubeObject | undefined>((resolve) => {
            server.#watchers.push(resolve);
            signal.addEventListener("abort", () => resolve(undefined));
          });
          if (!object) return;
          yield { type: object.isDeleted ? "DELETED" : "MODIFIED", object };
        }
      },
    };
    return client as KubeClient;
  }

  #object(): KubeObject {
    const { version = 0, spec } = this.stored ?? {};
    return {
      metadata: { name: "lease", namespace: "ns", resourceVersion: String(version) },
      spec: structuredClone(spec),
    };
  }
}

const held: Spec = {
  holderIdentity: "other_1",
  leaseDurationSeconds: 30,
  // A clock of another age: it must not matter.
  acquireTime: "1999-01-01T00:00:00.000000Z",
  renewTime: "2099-01-01T00:00:00.000000Z",
  leaseTransitions: 4,
};
const forbidden = new KubeError(403, "Forbidden", "leases is forbidden");

function candidate(server: LeaseServer, options: { identity?: string; replicas?: number } = {}) {
  const clock = new ManualClock(1_800_000_000_000);
  const log = keptLog();
  const elector = new LeaseElector({
    client: server.client(),
    namespace: "ns",
    name: "lease",
    identity: options.identity ?? "me_1",
    timing: timingOf(30_000),
    log,
    clock,
    replicas: async () => options.replicas,
  });
  const roles: string[] = [];
  elector.onChange(() => roles.push(elector.role));
  return { elector, clock, log, roles };
}

async function started(server: LeaseServer, options: { identity?: string; replicas?: number } = {}) {
  const made = candidate(server, options);
  made.elector.start();
  await settle();
  return made;
}

describe("LeaseElector", () => {
  test("makes the Lease where there is none, and leads in two round trips", async () => {
    const server = new LeaseServer();
    const { elector, clock } = await started(server);
    expect(server.asked).toEqual(["get", "create"]);
    expect([elector.role, elector.holder, elector.term?.aborted]).toEqual(["leader", "me_1", false]);
    const time = `${new Date(clock.now()).toISOString().slice(0, -1)}000Z`;
    expect(server.stored?.spec).toEqual({
      holderIdentity: "me_1",
      leaseDurationSeconds: 30,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 0,
    });
  });

  test("takes over a lease that ran out by its own clock, whatever times the other has written", async () => {
    const server = new LeaseServer();
    server.put(held);
    const { elector, clock } = await started(server);
    expect([elector.role, elector.holder]).toEqual(["standby", "other_1"]);
    await clock.advance(20_000);
    server.put({ renewTime: "2099-01-01T00:00:20.000000Z" });
    await clock.advance(29_999);
    expect(elector.role).toBe("standby");
    await clock.advance(3_000);
    expect(elector.role).toBe("leader");
    expect(server.stored?.spec).toMatchObject({ holderIdentity: "me_1", leaseTransitions: 5 });
  });

  test("takes at once what was released, and what its own Pod's former process held", async () => {
    const server = new LeaseServer();
    server.put(held);
    const { elector } = await started(server);
    server.put({ holderIdentity: "", leaseDurationSeconds: 1 });
    await settle();
    expect(elector.role).toBe("leader");

    const restarted = new LeaseServer();
    restarted.put({ ...held, holderIdentity: "me_0" });
    expect((await started(restarted)).elector.role).toBe("leader");
  });

  test("a second process under its Pod's name is somebody else: they do not take it from each other for ever", async () => {
    const server = new LeaseServer();
    const { elector, clock } = await started(server);
    server.put({ holderIdentity: "me_2" });
    await settle();
    expect(elector.role).toBe("standby");
    await clock.advance(20_000);
    expect(elector.role).toBe("standby");
  });

  test("renews every ten to twelve seconds, and keeps the time at which it took over", async () => {
    const server = new LeaseServer();
    const { clock, elector } = await started(server);
    const { acquireTime } = server.stored?.spec ?? {};
    await clock.advance(9_999);
    expect(server.asked).toHaveLength(2);
    await clock.advance(50_001);
    expect(server.asked.slice(2)).toEqual(Array(6).fill("patch"));
    expect(server.stored?.spec.acquireTime).toBe(acquireTime ?? "");
    expect(elector.leads).toBe(true);
  });

  test("leads no more 20 s after its last renewal began, and again when it still holds the Lease", async () => {
    const server = new LeaseServer();
    const { elector, clock, roles } = await started(server);
    const { term } = elector;
    await clock.advance(5_000);
    server.refusal = new Error("connection refused");
    await clock.advance(14_999);
    expect([elector.leads, term?.aborted]).toEqual([true, false]);
    await clock.advance(1);
    expect([elector.leads, term?.aborted]).toEqual([false, true]);
    server.refusal = undefined;
    await clock.advance(4_000);
    expect(elector.role).toBe("leader");
    expect(elector.term).not.toBe(term);
    expect(roles.join()).toEndWith("leader,standby,leader");
  });

  test("the deadline counts by the wall's clock too, for the steady one stands still while a machine sleeps", async () => {
    const server = new LeaseServer();
    const { elector, clock } = await started(server);
    const { term } = elector;
    clock.setWall(20_000);
    // No timer has run: the question itself ends the term.
    expect([elector.leads, term?.aborted]).toEqual([false, true]);
    clock.setWall(-20_000);
    expect(elector.leads).toBe(false);
    await clock.advance(3_000);
    expect(elector.role).toBe("leader");
  });

  test("after a stop past its lease it looks before it writes", async () => {
    const server = new LeaseServer();
    const { elector, clock } = await started(server);
    server.put(held);
    // Woken: the timer for the renewal is the first thing that runs, before the watch has told anything.
    clock.setWall(60_000);
    const before = server.asked.length;
    await clock.advance(12_000);
    expect([elector.role, server.asked.slice(before)]).toEqual(["standby", ["get"]]);
  });

  test("leads no more at once when the Lease names another or is deleted, and waits where another held it", async () => {
    const server = new LeaseServer();
    const { elector } = await started(server);
    server.put(held);
    await settle();
    expect([elector.role, elector.holder]).toEqual(["standby", "other_1"]);
    server.delete();
    await settle();
    expect(elector.role).toBe("standby");
    expect(server.stored).toBeUndefined();
  });

  test("release() gives the Lease away when the term's writes have come to their end", async () => {
    const server = new LeaseServer();
    const { elector, clock } = await started(server);
    const { term } = elector;
    const writes = Promise.withResolvers<boolean>();
    const released = elector.release(() => writes.promise);
    await clock.advance(1_000);
    expect([term?.aborted, server.stored?.spec.holderIdentity]).toEqual([false, "me_1"]);
    writes.resolve(true);
    await released;
    expect([term?.aborted, elector.leads]).toEqual([true, false]);
    expect(server.stored?.spec).toMatchObject({ holderIdentity: "", leaseDurationSeconds: 1 });
    await clock.advance(120_000);
    expect(server.asked).toEqual(["get", "create", "patch"]);
  });

  test("a Lease whose writes may still be under way is not given away, and a standby gives nothing away", async () => {
    const server = new LeaseServer();
    const { elector } = await started(server);
    await elector.release(async () => false);
    expect(server.stored?.spec.holderIdentity).toBe("me_1");

    const other = new LeaseServer();
    other.put(held);
    await (await started(other)).elector.release();
    expect(other.stored?.spec.holderIdentity).toBe("other_1");
  });
});

describe("LeaseElector where Leases are forbidden", () => {
  test.each([
    ["one replica", 1],
    ["nobody knows how many", undefined],
  ])("%s: leads alone, and by the Lease when it may", async (_, replicas) => {
    const server = new LeaseServer();
    server.refusal = forbidden;
    const { elector, clock } = await started(server, replicas === undefined ? {} : { replicas });
    const { term } = elector;
    expect([elector.role, elector.problem]).toEqual(["alone", expect.stringContaining("forbidden")]);
    await clock.advance(60_000);
    expect(elector.leads).toBe(true);
    server.refusal = undefined;
    await clock.advance(60_000);
    expect([elector.role, elector.problem]).toEqual(["leader", undefined]);
    // The same term: nothing begins anew.
    expect(elector.term).toBe(term);
  });

  test("two replicas: nobody leads, and the log says what to do", async () => {
    const server = new LeaseServer();
    server.refusal = forbidden;
    const { elector, clock, log } = await started(server, { replicas: 2 });
    await clock.advance(120_000);
    expect([elector.leads, elector.role]).toEqual([false, "waiting"]);
    expect(log.lines.join("\n")).toContain("apply the roles of this release, or scale to one replica");
  });

  test("whoever has seen an election does not go alone when the right is taken away", async () => {
    const server = new LeaseServer();
    server.put(held);
    const { elector, clock } = await started(server, { replicas: 1 });
    server.refusal = forbidden;
    await clock.advance(300_000);
    expect(elector.role).toBe("standby");
  });
});
