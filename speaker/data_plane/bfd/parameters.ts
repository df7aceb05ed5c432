import { type SessionParameters, singleHopTtl } from "#core/bfd/mod.ts";
import type { IpAddress } from "#core/net/mod.ts";
import { isForwarding } from "#io/mod.ts";
import type { BfdSessionSettings } from "./types.ts";

/** The settings as the session takes them. */
export function sessionParameters(settings: BfdSessionSettings, address: IpAddress): SessionParameters {
  const hasEcho = canEcho(settings, address);
  return {
    desiredMinTxIntervalMs: settings.transmitIntervalMs,
    requiredMinRxIntervalMs: settings.receiveIntervalMs,
    detectMult: settings.detectMultiplier,
    isPassive: settings.passiveMode,
    minimumTtl: settings.isMultihop ? settings.minimumTtl : singleHopTtl,
    ...(hasEcho && { echoIntervalMs: settings.echoIntervalMs }),
    requiredMinEchoRxIntervalMs:
      hasEcho && isForwarding(address.family, settings.interface ?? "all") ? settings.echoIntervalMs : 0,
  };
}

/** RFC 5883 §3: not over several hops; and nobody forwards to a link-local address (RFC 4291 §2.5.6). */
export function canEcho({ echoMode, isMultihop }: BfdSessionSettings, address: IpAddress): boolean {
  return echoMode && !isMultihop && !isLinkLocal(address);
}

/** fe80::/10 */
export function isLinkLocal({ family, value }: IpAddress): boolean {
  return family === "ipv6" && value >> 118n === 0x3fan;
}
