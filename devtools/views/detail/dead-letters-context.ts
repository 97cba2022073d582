import { type Context, createContext } from 'react';
import type { DeadLetters } from '../../../core/index.js';

/** The dead letters of the bus that the panel was given. */
export const DeadLettersContext: Context<DeadLetters | undefined> = createContext<DeadLetters | undefined>(undefined);
