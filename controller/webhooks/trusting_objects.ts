import { type KubeObject, type ResourceType, resources } from "#k8s/mod.ts";

/** An object in which the API server finds whom to trust when it calls a webhook. */
export interface TrustingObject {
  readonly resource: ResourceType;
  readonly name: string;
  /** JSON pointers to the `clientConfig`s in it, with the `caBundle` that each has. */
  places(object: KubeObject): { pointer: string; caBundle: unknown }[];
}

interface ClientConfig {
  clientConfig?: { caBundle?: unknown };
}

/** MetalLB's two: those who judge writes, and who converts BGPPeers where its definition asks for a webhook. */
export const trustingObjects: readonly TrustingObject[] = [
  {
    resource: resources.validatingWebhookConfigurations,
    name: "metallb-webhook-configuration",
    places({ webhooks }) {
      const list: ClientConfig[] = Array.isArray(webhooks) ? webhooks : [];
      return list.map((webhook, index) => ({
        pointer: `/webhooks/${index}/clientConfig`,
        caBundle: webhook?.clientConfig?.caBundle,
      }));
    },
  },
  {
    resource: resources.customResourceDefinitions,
    name: "bgppeers.metallb.io",
    places({ spec }) {
      const conversion = (spec as { conversion?: { strategy?: string; webhook?: ClientConfig } })?.conversion;
      const { strategy, webhook } = conversion ?? {};
      if (strategy !== "Webhook" || !webhook?.clientConfig) return [];
      const { caBundle } = webhook.clientConfig;
      return [{ pointer: "/spec/conversion/webhook/clientConfig", caBundle }];
    },
  },
];
