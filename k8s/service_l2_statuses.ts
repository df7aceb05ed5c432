import { l2StatusLabels, labelOfNode } from "./l2_status_labels.ts";
import { type KubeClient, resources } from "./types.ts";

export { labelOfNode } from "./l2_status_labels.ts";

/** One Service as one node announces it. */
export interface ServiceL2Announcement {
  /** `namespace/name` */
  readonly service: string;
  readonly node: string;
  /** Sorted; empty means every interface, and then the field is left out. */
  readonly interfaces: readonly string[];
}

interface Options {
  readonly client: KubeClient;
  /** MetalLB's own, where the objects live. */
  readonly namespace: string;
  /** 0 <= x < 1. */
  random(): number;
}

/** The alphabet of Kubernetes' generated names (apimachinery, `rand.SafeEncodeString`). */
const letters = "bcdfghjklmnpqrstvwxz2456789";
const generateName = "l2-";
const kind = resources.serviceL2Statuses;
const apiVersion = `${kind.group}/${kind.version}`;

/** Writes ServiceL2Status objects, one request each; what the API server refuses is thrown as it comes. */
export class ServiceL2Statuses {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Makes the object and gives its name; its status is still to be filled, for a create ignores it. The name is chosen
   * here, in the form in which the server would: so it is known even where the answer is lost.
   */
  async create(announcement: ServiceL2Announcement, pod?: { name: string; uid: string }): Promise<string> {
    const { client, namespace, random } = this.#options;
    const letter = () => letters[Math.floor(random() * letters.length)];
    const name = generateName + Array.from({ length: 5 }, letter).join("");
    const { serviceName, serviceNamespace } = splitService(announcement.service);
    const labels = {
      [l2StatusLabels.node]: labelOfNode(announcement.node),
      [l2StatusLabels.serviceName]: serviceName,
      [l2StatusLabels.serviceNamespace]: serviceNamespace,
    };
    const metadata = {
      name,
      generateName,
      namespace,
      labels,
      ...(pod && { ownerReferences: [{ apiVersion: "v1", kind: "Pod", ...pod }] }),
    };
    await client.create(kind, { apiVersion, kind: kind.kind, metadata, spec: {} });
    return name;
  }

  async fill(name: string, { node, service, interfaces }: ServiceL2Announcement): Promise<void> {
    const { client, namespace } = this.#options;
    const named = interfaces.length === 0 ? null : interfaces.map((one) => ({ name: one }));
    const status = { node, ...splitService(service), interfaces: named };
    await client.patch(kind, { name, namespace, subresource: "status" }, "merge", { status });
  }

  async remove(name: string): Promise<void> {
    const { client, namespace } = this.#options;
    await client.remove(kind, name, namespace);
  }
}

function splitService(service: string): { serviceName: string; serviceNamespace: string } {
  const [serviceNamespace = "", serviceName = ""] = service.split("/");
  return { serviceName, serviceNamespace };
}
