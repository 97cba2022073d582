import type { LiveEmission } from './delivery.js';

/** Where an admitted event may go beside this node's handlers: stores and transports, one of the two alone, or nowhere. */
export type Route = 'anywhere' | 'local' | 'unstored' | 'nowhere';

/** The way out of the node, as dispatch sees it. */
export interface Exit {
  /** Takes the event for storing and sending; true when handlers must wait until it is committed. */
  offer(emission: LiveEmission, route: Route): boolean;
  /** Whether events of this type are stored. */
  keeps(type: string): boolean;
  /** Whether other nodes get events of this type. */
  reaches(type: string): boolean;
}
