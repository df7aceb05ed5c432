import { expect, test } from "bun:test";
import type { EndpointView } from "#core/service/mod.ts";
import { EndpointIndex } from "./endpoint_index.ts";
import type { InformerHandler } from "./types.ts";
import type { EndpointSliceView } from "./views/mod.ts";

const endpoint = (address: string): EndpointView => ({
  addresses: [address],
  nodeName: "node1",
  canServe: true,
});

test("EndpointIndex tells what the informer had already, before its constructor returns", () => {
  const slices: EndpointSliceView[] = ["10.0.0.1", "10.0.0.2"].map((address, index) => ({
    namespace: "shop",
    name: `web-${index}`,
    service: "shop/web",
    endpoints: [endpoint(address)],
  }));
  const synced = {
    subscribe(handler: InformerHandler<EndpointSliceView>) {
      for (const slice of slices) handler.changed(slice, undefined);
      return () => {};
    },
  };
  const told = new Map<string, string[]>();
  const index = new EndpointIndex(synced, (service, endpoints) =>
    told.set(
      service,
      endpoints.flatMap(({ addresses }) => addresses),
    ),
  );
  expect(told.get("shop/web")).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect(index.of("shop/web")).toHaveLength(2);
});
