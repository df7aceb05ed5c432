import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type KubeObject, resources } from "#k8s/mod.ts";
import { type OwnSliceView, ownSliceView, sliceFields, sliceLabels, sliceOf } from "./endpoint_slice.ts";
import { type PodView, podView } from "./pod.ts";
import { type SelectingServiceView, selectingServiceView } from "./service.ts";
import { endpointsPerSliceMax, planSlices } from "./slice_plan.ts";

const service = (spec: object = {}): SelectingServiceView =>
  selectingServiceView({
    kind: "Service",
    metadata: { name: "web", namespace: "default", uid: "svc", labels: { team: "blue" } },
    spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...spec },
  });

function pod(name: string, change: Partial<PodView> = {}, ports: object[] = []): PodView {
  const spec = { nodeName: "node1", containers: [{ ports }] };
  const view = podView({ kind: "Pod", metadata: { name, namespace: "default", uid: name }, spec });
  return { ...view, podIP: `10.244.1.${name.length}`, phase: "Running", ready: true, ...change };
}

/** Carries a plan out and reads the objects back as the API would give them. */
function apply(
  of: SelectingServiceView,
  existing: OwnSliceView[],
  plan: ReturnType<typeof planSlices>,
): OwnSliceView[] {
  let serial = existing.length;
  const read = (object: KubeObject) => ownSliceView({ ...object, kind: resources.endpointSlices.kind });
  const rest = existing.filter(
    (slice) => !plan.remove.includes(slice) && !plan.update.some((update) => update.slice === slice),
  );
  const updated = plan.update.map(({ slice, content }) =>
    read({
      metadata: { name: slice.name, namespace: slice.namespace, labels: sliceLabels(of) },
      ...sliceFields(of.namespace, content),
    }),
  );
  return [...rest, ...updated, ...plan.create.map((content) => read(sliceOf(of, content, `s${serial++}`)))];
}

describe("planSlices()", () => {
  test("writes a slice as Kubernetes does", () => {
    const plan = planSlices(service(), [pod("a")], []);
    const object = sliceOf(service(), plan.create[0] ?? { ports: [], endpoints: [] }, "x2z4k");
    expect(object).toMatchObject({
      metadata: {
        name: "web-x2z4k",
        labels: {
          team: "blue",
          "kubernetes.io/service-name": "web",
          "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        },
        ownerReferences: [{ kind: "Service", name: "web", uid: "svc", controller: true }],
      },
      addressType: "IPv4",
      ports: [{ name: "http", protocol: "TCP", port: 8080 }],
      endpoints: [
        {
          addresses: ["10.244.1.1"],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: "node1",
          targetRef: { kind: "Pod", namespace: "default", name: "a", uid: "a" },
        },
      ],
    });
  });

  test.each<[string, Partial<PodView>, object, object[]]>([
    ["ready", {}, {}, [{ ready: true, serving: true, terminating: false }]],
    ["not ready", { ready: false }, {}, [{ ready: false, serving: false, terminating: false }]],
    ["terminating", { deleting: true }, {}, [{ ready: false, serving: true, terminating: true }]],
    [
      "not ready but published",
      { ready: false },
      { publishNotReadyAddresses: true },
      [{ ready: true, serving: false, terminating: false }],
    ],
    ["without an address", { podIP: "" }, {}, []],
    ["ended", { phase: "Succeeded" }, {}, []],
  ])("a pod that is %s", (_state, change, spec, expected) => {
    const [slice] = apply(service(spec), [], planSlices(service(spec), [pod("a", change)], []));
    expect(
      slice?.endpoints.map(({ ready, serving, terminating }) => ({ ready, serving, terminating })),
    ).toEqual(expected as never[]);
  });

  test("resolves named ports per pod: pods with other numbers go to another slice", () => {
    const named = service({ ports: [{ name: "http", port: 80, targetPort: "web" }] });
    const pods = [
      pod("a", {}, [{ name: "web", containerPort: 8080 }]),
      pod("bb", {}, [{ name: "web", containerPort: 9090 }]),
      pod("ccc", {}, [{ name: "web", containerPort: 53, protocol: "UDP" }]),
    ];
    const slices = apply(named, [], planSlices(named, pods, []));
    expect(
      slices.map(({ ports, endpoints }) => [ports.map(({ port }) => port), endpoints[0]?.pod.name]),
    ).toEqual([
      [[8080], "a"],
      [[9090], "bb"],
      [[], "ccc"],
    ]);
  });

  test("an absent targetPort is the port itself", () => {
    const plain = service({ ports: [{ port: 80 }] });
    expect(planSlices(plain, [pod("a")], []).create[0]?.ports).toEqual([
      { name: "", protocol: "TCP", port: 80, appProtocol: "" },
    ]);
  });

  test.each<[string, object]>([
    ["no selector", { selector: {} }],
    ["type ExternalName", { type: "ExternalName" }],
    ["IPv6 only", { ipFamilies: ["IPv6"] }],
  ])("a Service with %s has no slices of ours", (_why, spec) => {
    const existing = apply(service(), [], planSlices(service(), [pod("a")], []));
    const plan = planSlices(service(spec), [pod("a")], existing);
    expect(plan).toEqual({ create: [], update: [], remove: existing });
  });

  test("without pods one empty slice stays, and it is used again", () => {
    const empty = apply(service(), [], planSlices(service(), [], []));
    expect(empty).toMatchObject([{ endpoints: [], ports: [] }]);
    expect(planSlices(service(), [], empty)).toEqual({ create: [], update: [], remove: [] });
    const plan = planSlices(service(), [pod("a")], empty);
    expect(plan).toMatchObject({ create: [], update: [{ slice: empty[0] }], remove: [] });
  });

  test("a changed label of the Service is carried over", () => {
    const slices = apply(service(), [], planSlices(service(), [pod("a")], []));
    const relabelled = { ...service(), labels: { team: "red" } };
    expect(planSlices(relabelled, [pod("a")], slices).update).toHaveLength(1);
  });

  test("any history ends in the right endpoints, in slices of at most 100, and then rests", () => {
    const crowd = Array.from({ length: 350 }, (_, index) => pod(`p${index}`, { podIP: `10.244.0.${index}` }));
    const subset = fc.shuffledSubarray(crowd);
    fc.assert(
      fc.property(fc.array(subset, { minLength: 1, maxLength: 4 }), (history) => {
        let slices: OwnSliceView[] = [];
        for (const pods of history) {
          const before = new Map(
            slices.flatMap((slice) => slice.endpoints.map((each) => [each.pod.uid, slice.name])),
          );
          slices = apply(service(), slices, planSlices(service(), pods, slices));
          const after = slices.flatMap((slice) =>
            slice.endpoints.map((each) => [each.pod.uid, slice.name] as const),
          );
          expect(after.map(([uid]) => uid).sort()).toEqual(pods.map(({ uid }) => uid).sort());
          for (const slice of slices)
            expect(slice.endpoints.length).toBeLessThanOrEqual(endpointsPerSliceMax);
          for (const [uid, name] of after) expect(before.get(uid) ?? name).toBe(name);
          expect(planSlices(service(), pods, slices)).toEqual({ create: [], update: [], remove: [] });
        }
      }),
      { numRuns: 30 },
    );
  });
});
