export interface Identity {
  username: string;
  groups: string[];
}

/** Checks a Kubernetes bearer token (TokenReview). Undefined: the token is not valid. Rejects when the API is away. */
export interface AuthPort {
  authenticate(token: string): Promise<Identity | undefined>;
}

/** Prometheus text or OpenMetrics, as the Accept header asks. */
export interface MetricsPort {
  contentType(accept: string): string;
  render(accept: string): Promise<string>;
}
