import type { GithubDelivery } from '../events.js';

/** A webhook body and the event type it stands for. */
export interface Webhook {
  readonly type: `github.${string}`;
  readonly data: GithubDelivery;
}

interface Definition {
  readonly name: string;
  readonly examples: readonly GithubDelivery[];
}

/** Several hundred webhook bodies as GitHub sends them. Megabytes: loaded when they are first asked for. */
export async function loadWebhooks(): Promise<readonly Webhook[]> {
  const { default: definitions } = await import('@octokit/webhooks-examples');
  return (definitions as unknown as readonly Definition[]).flatMap(({ name, examples }) =>
    examples.map((data) => ({ type: typeOf(name, data.action), data })),
  );
}

/** `issues` and `opened` make `github.issues.opened`; a webhook without an action makes `github.push`. */
function typeOf(name: string, action: string | undefined): Webhook['type'] {
  const segments = [name, action ?? ''].map((text) => text.toLowerCase().replace(/[^a-z0-9_]+/g, '_'));
  return `github.${segments.filter((segment) => segment !== '').join('.')}`;
}
