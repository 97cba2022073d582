import { describe, expect, it } from 'vitest';
import { Wire } from '../bus/border/wire.test.fixture.js';
import { createEventBus } from '../index.js';
import { createTestEventBus, SimulatedClock } from '../testing/index.js';
import { answer, checkout, order, type ShopEvents, said, sent, settle, sharedLog, shop, steps } from './saga/checkout.test.kit.js';
