import { parseDocument } from "yaml";

/** What kube-proxy's configuration means for an address that layer 2 announces. */
export interface ProxyVerdict {
  /** As written; empty is the platform's default, iptables on Linux. */
  readonly mode: string;
  readonly strictArp: boolean;
  /**
   * In IPVS mode every node carries every address on a device of its own, and answers ARP for it unless strictARP is
   * on: then the announcer is not the only one that answers (kube-proxy's `ipvs.strictARP`).
   */
  readonly mustAct: boolean;
}

/** Reads `config.conf` of the ConfigMap kube-proxy: a KubeProxyConfiguration of kubeproxy.config.k8s.io/v1alpha1. */
export function readProxyConfig(text: string): ProxyVerdict {
  const document = parse(text);
  const mode = String(document.get("mode") ?? "");
  const strictArp = document.getIn(["ipvs", "strictARP"]) === true;
  return { mode, strictArp, mustAct: mode === "ipvs" && !strictArp };
}

/** The same text with strictARP on; comments, order and everything else stay. */
export function withStrictArp(text: string): string {
  const document = parse(text);
  document.setIn(["ipvs", "strictARP"], true);
  return document.toString({ lineWidth: 0 });
}

function parse(text: string) {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new Error(`The configuration of kube-proxy is not YAML: ${error.message}`);
  const kind = document.get("kind");
  if (kind === "KubeProxyConfiguration") return document;
  throw new Error(`The configuration of kube-proxy is of kind ${kind ?? "none"}, not KubeProxyConfiguration`);
}
