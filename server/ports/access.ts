export interface Identity {
  username: string;
  groups: string[];
  /** The token is valid, and its holder has no right to what is shown here. */
  isForbidden?: true;
}

/**
 * Checks a Kubernetes bearer token (TokenReview), and whether its holder may see what is shown (SubjectAccessReview).
 * Undefined: the token is not valid. Rejects when the API is away.
 */
export interface AuthPort {
  authenticate(token: string): Promise<Identity | undefined>;
}

/** What the API server says of a token and a path. */
export type PathVerdict =
  | { code: "allowed" }
  /** The token is not valid. */
  | { code: "unauthenticated" }
  /** It is, but its holder has no right to it. */
  | { code: "forbidden"; username: string };

/** Whether the holder of a token may `get` a path that is no resource (TokenReview, SubjectAccessReview). Rejects when the API is away. */
export interface PathAccessPort {
  judge(token: string, path: string): Promise<PathVerdict>;
}

/** Prometheus text or OpenMetrics, as the Accept header asks. */
export interface MetricsPort {
  contentType(accept: string): string;
  render(accept: string): Promise<string>;
}
