/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import { Heading } from "./layout.tsx";

interface LoginProps {
  words: Words;
  /** Where to go afterwards. */
  next: string;
  /** Why the last attempt failed. */
  error?: string;
}

/** An account that may look and nothing else; the built-in role `view` lists Services everywhere. */
const commands = `kubectl -n metallb-system create sa metallb-console
kubectl create clusterrolebinding metallb-console \\
  --clusterrole=view \\
  --serviceaccount=metallb-system:metallb-console
kubectl -n metallb-system create token metallb-console`;

export function LoginPage({ words, next, error }: LoginProps) {
  const { t } = words;
  return (
    <div class="login">
      <Heading title={t("login.title")} />
      <form method="post" action="/login" hx-boost="false">
        <input type="hidden" name="next" value={next} />
        <label for="token">{t("login.token")}</label>
        <input
          id="token"
          name="token"
          type="password"
          required
          autofocus
          autocomplete="off"
          aria-describedby={error === undefined ? "token-hint" : "token-error token-hint"}
          aria-invalid={error === undefined ? undefined : "true"}
        />
        {error === undefined ? null : (
          <p id="token-error" class="error" role="alert">
            {error}
          </p>
        )}
        <button type="submit" class="primary">
          {t("login.submit")}
        </button>
      </form>
      <div id="token-hint" class="hint">
        <p>{t("login.hint")}</p>
        <pre>
          <code>{commands}</code>
        </pre>
        <p>{t("login.sandboxHint")}</p>
      </div>
    </div>
  );
}
