/** How long things take, all of them parts of the lease's duration. In milliseconds. */
export interface LeaseTiming {
  /** A standby waits this long after it saw the last renewal. */
  readonly leaseMs: number;
  /** A leader whose last renewal began this long ago leads no more. The rest up to `leaseMs` is for clocks and writes. */
  readonly renewDeadlineMs: number;
  /** Between two renewals; the driver adds up to a fifth. */
  readonly renewEveryMs: number;
  /** After a failure, with up to half of it added. */
  readonly retryMs: number;
  /** For one request about the Lease. */
  readonly requestMs: number;
  /** For any other write of a leader: it ends well within `leaseMs - renewDeadlineMs` after the leader has stopped. */
  readonly writeMs: number;
}

/** 30 s: one write in ten seconds, a takeover from a crash after at most that (docs/decisions/011-two-controllers.md). */
export const defaultLeaseMs = 30_000;
export const leaseMsMin = 3_000;

/** client-go's 15, 10 and 2 s have the same 3 : 2; it renews at each retry, here that is a third. */
export function timingOf(leaseMs: number): LeaseTiming {
  return {
    leaseMs,
    renewDeadlineMs: (leaseMs * 2) / 3,
    renewEveryMs: leaseMs / 3,
    retryMs: leaseMs / 15,
    // A first request also opens the connection.
    requestMs: Math.max(leaseMs / 10, 1_000),
    writeMs: leaseMs / 6,
  };
}
