import { type Config, type ConfigFinding, type LintFacts, lint } from "#core/config/mod.ts";
import type { Decision, NodeView, ServiceBook } from "#core/service/mod.ts";
import type { Informer, VersionedService } from "#k8s/mod.ts";

interface Parts {
  services: Pick<Informer<VersionedService>, "values">;
  nodes: Pick<Informer<NodeView>, "values">;
  book: Pick<ServiceBook, "decision">;
  speakers: { gateways(): string[] };
}

/** What the configuration in force should be asked about, remembered until a fact changes. */
export class Findings {
  readonly #parts: Parts & { config(): Config };
  #findings: readonly ConfigFinding[] | undefined;

  constructor(parts: Parts & { config(): Config }) {
    this.#parts = parts;
  }

  /** Configuration, nodes, Services or their addresses changed. */
  touch(): void {
    this.#findings = undefined;
  }

  list(): readonly ConfigFinding[] {
    this.#findings ??= lint(this.#parts.config(), lintFacts(this.#parts));
    return this.#findings;
  }
}

/** The cluster as the controller's caches know it. */
export function lintFacts({ services, nodes, book, speakers }: Parts): LintFacts {
  return {
    gateways: speakers.gateways(),
    nodes: [...nodes.values()],
    services: Array.from(services.values(), (view) => {
      const service = `${view.namespace}/${view.name}`;
      const { addresses = [], pool }: Partial<Decision> = book.decision(service) ?? {};
      return {
        service,
        clusterIPs: view.clusterIPs,
        labels: view.labels,
        externalTrafficPolicy: view.externalTrafficPolicy,
        hasSelector: Object.keys(view.selector).length > 0,
        addresses,
        ...(pool !== undefined && { pool }),
      };
    }),
  };
}
