/**
 * The thread that reads SAML messages (`reader.ts`). It gets each message with what to check it against, and keeps no
 * state.
 */
import { parentPort } from 'node:worker_threads';
import type { IdentityProvider } from './identity-provider.js';
import type { Done, ProviderNow, Task } from './reader.js';
import { readHere } from './reader.js';

const providerOf = ({ keys, certificates, ...provider }: ProviderNow): IdentityProvider => ({
  ...provider,
  keys: () => keys,
  certificates: () => certificates,
});

parentPort?.on('message', async (task: Task) => {
  const outcome =
    'response' in task
      ? await readHere.response(task.response, () => ({
          ...task.reading,
          provider: providerOf(task.reading.provider),
        }))
      : await readHere.logout(task.arrived, () => ({ ...task.reading, provider: providerOf(task.reading.provider) }));
  parentPort?.postMessage({ id: task.id, outcome } satisfies Done);
});
