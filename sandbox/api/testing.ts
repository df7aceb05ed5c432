/** What the tests of this folder share. */
import type { KubeObject, ResourceType } from "#k8s/mod.ts";
import { createSandboxApi, type SandboxApi } from "./api.ts";
import { ManualScheduler } from "./watch/manual_scheduler.ts";

/** An object, a list, a Table or a Status, whichever was answered. */
export interface Body extends KubeObject {
  message: string;
  items: KubeObject[];
  rows: { cells: unknown[] }[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export type Caller = (
  method: string,
  path: string,
  body?: unknown,
  patch?: "merge" | "json" | "strategic" | "apply",
  headers?: Record<string, string>,
) => Promise<Answer>;

const patchTypes = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

export interface TestApi {
  readonly api: SandboxApi;
  /** As an administrator. */
  readonly call: Caller;
  /** Moves the clock, and fires the timers that are due. */
  advance(milliseconds: number): void;
}

/** A fresh API at 2026-01-02 03:04:05 UTC, whose clock stands still until advanced. */
export function testApi(): TestApi {
  let nowMs = Date.parse("2026-01-02T03:04:05Z");
  const scheduler = new ManualScheduler();
  const api = createSandboxApi({ now: () => nowMs, scheduler });
  api.addToken("secret", { username: "admin", groups: ["system:masters"] });
  return {
    api,
    call: caller(api, "secret"),
    advance(milliseconds) {
      nowMs += milliseconds;
      scheduler.advance(milliseconds);
    },
  };
}

/** Sends requests to the API without a socket. */
export function caller(api: SandboxApi, token: string | undefined): Caller {
  return async (method, path, body, patch, headers = {}) => {
    const response = await api.fetch(
      new Request(`http://sandbox${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(patch ? { "content-type": patchTypes[patch] } : {}),
          ...(body !== undefined && !patch ? { "content-type": "application/json" } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  };
}

export function service(name: string, spec: object = {}): KubeObject {
  return { metadata: { name, namespace: "default" }, spec: { ports: [{ port: 80 }], ...spec } };
}

export const widgets: ResourceType = {
  group: "example.io",
  version: "v1",
  plural: "widgets",
  kind: "Widget",
  namespaced: true,
};

/** A kind with a bit of everything that MetalLB's kinds use. */
export function widgetDefinition(): KubeObject {
  const spec = {
    type: "object",
    required: ["addresses"],
    properties: {
      size: { type: "integer", format: "int32", minimum: 1, maximum: 10, default: 3, description: "How big" },
      mode: { type: "string", enum: ["a", "b"] },
      addresses: { type: "array", minItems: 1, items: { type: "string", pattern: "^[0-9./-]+$" } },
      nested: { type: "object", properties: { on: { type: "boolean", default: true } } },
      ports: {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["port"],
        items: { type: "object", required: ["port"], properties: { port: { type: "integer" } } },
      },
    },
  };
  const status = { type: "object", properties: { size: { type: "integer" } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.io" },
    spec: {
      group: "example.io",
      scope: "Namespaced",
      names: { kind: "Widget", plural: "widgets", shortNames: ["wd"], categories: ["all"] },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          additionalPrinterColumns: [
            { name: "Size", type: "integer", jsonPath: ".spec.size" },
            { name: "Addresses", type: "string", jsonPath: ".spec.addresses" },
            { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
          ],
          subresources: {
            status: {},
            scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" },
          },
          schema: {
            openAPIV3Schema: {
              type: "object",
              description: "Widget is a thing of the tests.",
              required: ["spec"],
              properties: { spec, status },
            },
          },
        },
        {
          name: "v1beta1",
          served: true,
          storage: false,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  };
}
