/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";

/** Nothing to show: what that means, and what to do next, with the command that does it. */
export function Empty({ title, children, command }: { title: string; children?: Child; command?: string }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
      {command === undefined ? null : (
        <pre>
          <code>{command}</code>
        </pre>
      )}
    </div>
  );
}
