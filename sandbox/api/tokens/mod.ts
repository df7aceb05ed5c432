/**
 * Tokens of ServiceAccounts: made by a TokenRequest, signed by the API, good until they expire or what they stand for is
 * gone (kubernetes.io "Managing Service Accounts", bound service account tokens).
 *
 * ```ts
 * const tokens = new AccountTokens({ store, now, key: () => keptSigningKey(dataFile) });
 * const request = answerTokenRequest(tokens, store, { namespace: "default", name: "default" }, {});
 * tokens.authenticate(request.status.token, [apiAudience])?.user.username; // "system:serviceaccount:default:default"
 * ```
 */
export { AccountTokens, accountGroups, accountOfUsername, apiAudience } from "./account_tokens.ts";
export { keptSigningKey } from "./signing_key.ts";
export { answerTokenRequest, tokenRequestKind } from "./token_request.ts";
