import { it } from 'vitest';

// What vitest needs to start a worker; session.ts does the rest when this is done.
it('opens a session', () => {});
