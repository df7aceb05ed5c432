import { expect, test } from "bun:test";
import { prometheusConfig } from "./prometheus.ts";

test("prometheusConfig() scrapes each process and calls a speaker by its node", () => {
  const text = prometheusConfig([
    { job: "controller", address: "127.0.0.1:7472" },
    { job: "speaker", node: "node1", address: "127.0.0.1:7473" },
    { job: "speaker", node: "node2", address: "127.0.0.1:7474" },
  ]);
  expect(Bun.YAML.parse(text)).toEqual({
    global: { scrape_interval: "5s" },
    scrape_configs: [
      { job_name: "controller", static_configs: [{ targets: ["127.0.0.1:7472"] }] },
      {
        job_name: "speaker",
        static_configs: [
          { targets: ["127.0.0.1:7473"], labels: { instance: "node1" } },
          { targets: ["127.0.0.1:7474"], labels: { instance: "node2" } },
        ],
      },
    ],
  });
});
