import { describe, expect, it } from 'vitest';
import { mayImport } from './import-rules.js';

describe('the import rules', () => {
  it.each([
    ['core/bus/event/event.ts', 'core/bus/errors.ts'],
    ['core/bus/event/event.ts', 'core/bus/event/id.ts'],
    ['core/bus/router/registry.ts', 'core/bus/event/pattern.ts'],
    ['core/bus/plugins/scope.ts', 'core/bus/border/outbound.ts'],
    ['core/bus/create-event-bus.ts', 'core/bus/plugins/plugin.ts'],
    ['core/bus/clock.ts', 'core/bus/errors.ts'],
    ['core/index.ts', 'core/bus/create-event-bus.ts'],
    ['core/stores/memory.ts', 'core/index.ts'],
    ['core/stores/indexeddb.ts', 'idb'],
    ['core/stores/indexeddb/rows.ts', 'core/stores/indexeddb/schema.ts'],
    ['core/codecs/aes-gcm.ts', 'core/codecs/aes-gcm/keyring.ts'],
    ['core/react/index.ts', 'react'],
    ['devtools/model/log.ts', 'mitt'],
    ['devtools/views/panel.tsx', 'devtools/model/log.ts'],
    ['devtools/views/panel.tsx', '@tanstack/react-table'],
    ['devtools/index.tsx', 'react-dom'],
  ])('let %s import %s', (from, to) => {
    expect(mayImport(from, to)).toBe(true);
  });

  it.each([
    ['core/bus/event/event.ts', 'core/bus/router/registry.ts'],
    ['core/bus/router/registry.ts', 'core/bus/plugins/policy.ts'],
    ['core/bus/event/event.ts', 'core/bus/create-event-bus.ts'],
    ['core/bus/errors.ts', 'core/bus/event/event.ts'],
    ['core/bus/errors.ts', 'core/bus/create-event-bus.ts'],
    ['core/bus/create-event-bus.ts', 'core/index.ts'],
    ['core/bus/create-event-bus.ts', 'mitt'],
    ['core/index.ts', 'core/stores/memory.ts'],
    ['core/stores/memory.ts', 'idb'],
    ['core/stores/memory.ts', 'core/bus/errors.ts'],
    ['core/stores/memory.ts', 'core/transports/loopback.ts'],
    ['core/codecs/aes-gcm/stored-keyring.ts', 'idb'],
    ['core/flows/saga.ts', 'react'],
    ['devtools/model/log.ts', 'react'],
    ['devtools/model/log.ts', 'devtools/views/panel.tsx'],
    ['devtools/model/log.ts', 'core/index.ts'],
    ['devtools/views/panel.tsx', 'core/index.ts'],
    ['devtools/index.tsx', 'idb'],
    ['demo/main.tsx', 'core/index.ts'],
  ])('do not let %s import %s', (from, to) => {
    expect(mayImport(from, to)).toBe(false);
  });
});
