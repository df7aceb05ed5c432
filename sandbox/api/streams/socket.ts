/** A WebSocket whose messages are bytes. */
export interface MessageSocket {
  /** Resolves when there is room for more; what is sent after the end is dropped. */
  send(bytes: Uint8Array): Promise<void>;
  close(code: number, reason: string): void;
}

/** What happens on a WebSocket; `open` comes first, `closed` last. */
export interface SocketHandler {
  open(socket: MessageSocket): void;
  message(bytes: Uint8Array): void;
  closed(): void;
}

/** Turns the request at hand into a WebSocket; false where it does not ask for one. */
export type Upgrade = (protocol: string, handler: SocketHandler) => boolean;

/** RFC 6455 §7.4.1. */
export const closeCode = { normal: 1000, protocolError: 1002, internalError: 1011 } as const;

/** Whether the request asks for a WebSocket (RFC 6455 §4.2.1). */
export function wantsWebSocket(request: Request): boolean {
  return request.method === "GET" && request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** The first of the server's protocols that the client speaks too. */
export function commonProtocol(request: Request, known: readonly string[]): string | undefined {
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  return known.find((name) => offered.includes(name));
}
