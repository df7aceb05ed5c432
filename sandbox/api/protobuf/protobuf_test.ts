import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { builtInSchema } from "../schema/mod.ts";
import { type TestApi, testApi } from "../testing.ts";
import { wireFields } from "./field_numbers.ts";
import { decodeProtobuf } from "./mod.ts";

type Part = [number: number, value: number | string | Part[] | Uint8Array];

/** Writes a message the plain way, to be read back. */
function message(parts: readonly Part[]): number[] {
  return parts.flatMap(([number, value]) => {
    if (typeof value === "number") return [...varint(number << 3), ...varint(value)];
    const bytes =
      typeof value === "string"
        ? [...new TextEncoder().encode(value)]
        : isParts(value)
          ? message(value)
          : [...value];
    return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
  });
}

function isParts(value: Part[] | Uint8Array): value is Part[] {
  return Array.isArray(value);
}

function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

function body(apiVersion: string, kind: string, parts: Part[]): Uint8Array<ArrayBuffer> {
  const unknown: Part[] = [
    [
      1,
      [
        [1, apiVersion],
        [2, kind],
      ],
    ],
    [2, parts],
    [3, ""],
    [4, ""],
  ];
  return new Uint8Array([0x6b, 0x38, 0x73, 0, ...message(unknown)]);
}

describe("decodeProtobuf()", () => {
  test("reads a Service, dropping what was not set and keeping zeros that were", () => {
    const ports: Part[] = [
      [1, "http"],
      [2, ""],
      [3, 80],
      [
        4,
        [
          [1, 0],
          [2, 8080],
          [3, ""],
        ],
      ],
      [5, 0],
    ];
    const named: Part[] = [
      [1, "dns"],
      [3, 53],
      [
        4,
        [
          [1, 1],
          [2, 0],
          [3, "dns-udp"],
        ],
      ],
    ];
    const metadata: Part[] = [
      [1, "web"],
      [2, ""],
      [7, 0],
      [8, []],
      [
        11,
        [
          [1, "app"],
          [2, "x"],
        ],
      ],
      [
        11,
        [
          [1, "empty"],
          [2, ""],
        ],
      ],
    ];
    const spec: Part[] = [
      [1, ports],
      [1, named],
      [
        2,
        [
          [1, "app"],
          [2, "x"],
        ],
      ],
      [3, ""],
      [4, "LoadBalancer"],
      [12, 0],
      [13, 0],
      [20, 0],
    ];
    const decoded = decodeProtobuf(
      body("v1", "Service", [
        [1, metadata],
        [2, spec],
        [3, [[1, []]]],
      ]),
      builtInSchema("V1Service"),
    );
    expect(decoded).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", labels: { app: "x", empty: "" } },
      spec: {
        type: "LoadBalancer",
        selector: { app: "x" },
        ports: [
          { name: "http", port: 80, targetPort: 8080 },
          { name: "dns", port: 53, targetPort: "dns-udp" },
        ],
        allocateLoadBalancerNodePorts: false,
      },
      status: { loadBalancer: {} },
    });
  });

  test("reads bytes, times, quantities and negative numbers", () => {
    const secret = decodeProtobuf(
      body("v1", "Secret", [
        [
          1,
          [
            [1, "s"],
            [7, -5],
            [
              8,
              [
                [1, 1_767_323_045],
                [2, 0],
              ],
            ],
          ],
        ],
        [
          2,
          [
            [1, "k"],
            [2, "v"],
          ],
        ],
        [3, "Opaque"],
      ]),
      builtInSchema("V1Secret"),
    );
    expect(secret).toMatchObject({
      metadata: { generation: -5, creationTimestamp: "2026-01-02T03:04:05Z" },
      data: { k: "dg==" },
    });
    const lease = decodeProtobuf(
      body("coordination.k8s.io/v1", "Lease", [
        [1, [[1, "l"]]],
        [
          2,
          [
            [1, "me"],
            [
              4,
              [
                [1, 1],
                [2, 5_000],
              ],
            ],
            [5, 0],
          ],
        ],
      ]),
      builtInSchema("V1Lease"),
    );
    expect(lease.spec).toEqual({
      holderIdentity: "me",
      renewTime: "1970-01-01T00:00:01.000005Z",
      leaseTransitions: 0,
    });
    const limits: Part[] = [
      [
        1,
        [
          [1, "cpu"],
          [2, [[1, "2"]]],
        ],
      ],
    ];
    const container: Part[] = [
      [1, "c"],
      [2, "i"],
      [8, limits],
    ];
    const deployment = decodeProtobuf(
      body("apps/v1", "Deployment", [
        [
          2,
          [
            [1, 0],
            [3, [[2, [[2, container]]]]],
          ],
        ],
      ]),
      builtInSchema("V1Deployment"),
    );
    expect(deployment.spec).toEqual({
      replicas: 0,
      template: { spec: { containers: [{ name: "c", image: "i", resources: { limits: { cpu: "2" } } }] } },
    });
  });

  test("reads a TokenRequest, of which an absent duration is none", () => {
    const schema = builtInSchema("AuthenticationV1TokenRequest");
    const spec: Part[] = [
      [1, "vault"],
      [1, "x"],
      [
        3,
        [
          [1, "Pod"],
          [2, "v1"],
          [3, "p"],
          [4, ""],
        ],
      ],
    ];
    const read = (parts: Part[]) =>
      decodeProtobuf(body("authentication.k8s.io/v1", "TokenRequest", [[2, parts]]), schema).spec;
    const boundObjectRef = { kind: "Pod", apiVersion: "v1", name: "p" };
    expect(read(spec)).toEqual({ audiences: ["vault", "x"], boundObjectRef });
    expect(read([[4, 0]])).toEqual({ expirationSeconds: 0 });
  });

  test("reads the lists within the map of a SubjectAccessReview's extra", () => {
    const entry = (key: string, values: string[]): Part => [
      5,
      [
        [1, key],
        [2, values.map((value): Part => [1, value])],
      ],
    ];
    const spec: Part[] = [[3, "ann"], entry("scopes", ["a", "b"]), entry("none", [])];
    const bytes = body("authorization.k8s.io/v1", "SubjectAccessReview", [[2, spec]]);
    expect(decodeProtobuf(bytes, builtInSchema("V1SubjectAccessReview")).spec).toEqual({
      user: "ann",
      extra: { scopes: ["a", "b"], none: [] },
    });
  });

  const service = builtInSchema("V1Service");
  const good = body("v1", "Service", [[1, [[1, "web"]]]]);
  test.each([
    ["no magic", new Uint8Array([1, 2, 3, 4]), 'does not begin with "k8s"'],
    ["a body cut short", good.subarray(0, good.length - 8), "ends in the middle of a field"],
    ["a group, which proto3 has not", new Uint8Array([0x6b, 0x38, 0x73, 0, 0x0b]), "unknown wire type 3"],
    [
      "a number that never ends",
      new Uint8Array([0x6b, 0x38, 0x73, 0, ...new Array(12).fill(0xff)]),
      "more than 64 bits",
    ],
    ["text that is not UTF-8", body("v1", "Service", [[1, [[1, new Uint8Array([0xff])]]]]), "not UTF-8"],
    ["a number for a message", body("v1", "Service", [[1, 5]]), "a number where a text or a message belongs"],
    [
      "a field that is not in the table",
      body("v1", "Service", [[1, [[99, "x"]]]]),
      "field 99 of V1ObjectMeta",
    ],
    [
      "a type that is not in the table",
      body("v1", "Service", [[1, [[17, [[1, "kubectl"]]]]]]),
      "the type V1ManagedFieldsEntry",
    ],
  ])("refuses %s", (_, bytes, why) => {
    expect(() => decodeProtobuf(bytes, service)).toThrow(why);
  });

  test("its table names fields that the schemas have", () => {
    const wrong = [...wireFields].flatMap(([type, fields]) => {
      const { properties = {} } = builtInSchema(type);
      return [...fields.values()]
        .filter(({ name }) => !(name in properties))
        .map(({ name }) => `${type}.${name}`);
    });
    expect(wrong).toEqual([]);
    expect(wireFields.size).toBeGreaterThan(50);
  });
});

describe("a protobuf body over HTTP", () => {
  let sandbox: TestApi;
  beforeEach(() => {
    sandbox = testApi();
  });
  afterEach(() => sandbox.api.close());

  test("creates the object and is answered in JSON", async () => {
    const response = await sandbox.api.fetch(
      new Request("http://sandbox/api/v1/namespaces", {
        method: "POST",
        headers: { authorization: "Bearer secret", "content-type": "application/vnd.kubernetes.protobuf" },
        body: body("v1", "Namespace", [
          [1, [[1, "made"]]],
          [2, []],
          [3, [[1, ""]]],
        ]),
      }),
    );
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ kind: "Namespace", metadata: { name: "made" } });
  });
});
