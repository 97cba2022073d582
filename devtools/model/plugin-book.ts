import type { Inspection, PluginInfo } from '../../core/index.js';

/** Plugins that are remembered after they went, or could not come. */
const MOST_PAST = 64;

/** What a bus says of a plugin. */
export type PluginNews = Inspection & {
  readonly kind: 'pluginInstalling' | 'pluginInstalled' | 'pluginReplaced' | 'pluginUninstalled' | 'pluginFailed';
};

/** A plugin that is there, was there, or could not come. */
export interface PluginEntry {
  readonly info: PluginInfo;
  readonly state: PluginInfo['state'] | 'failed' | 'uninstalled';
  /** When it failed or went, epoch ms. */
  readonly endedAt: number | undefined;
  /** Why it is not there; or, of one that is, why the one that was to replace it is not. */
  readonly error: unknown;
}

type Past = Pick<PluginEntry, 'info' | 'endedAt' | 'error'> & { readonly state: 'failed' | 'uninstalled' };

/** The plugins of a bus: those it has now, and the last that went or failed. */
export class PluginBook {
  readonly #present: () => readonly PluginInfo[];
  readonly #past = new Map<string, Past>();

  /** @param present reads the plugins that the bus has */
  constructor(present: () => readonly PluginInfo[]) {
    this.#present = present;
  }

  note(told: PluginNews): void {
    const { at, kind, plugin: info } = told;
    const { name } = info;
    switch (kind) {
      case 'pluginInstalling':
        this.#past.delete(name);
        break;
      case 'pluginFailed':
        this.#end({ info, state: 'failed', endedAt: at, error: told.error });
        break;
      case 'pluginUninstalled':
        // Of one that was replaced nothing shows: its name is taken.
        this.#end({ info, state: 'uninstalled', endedAt: at, error: undefined });
    }
  }

  /** Those that are there in order of installation, then the others in the order in which they went. */
  get all(): readonly PluginEntry[] {
    const present = this.#present().map((info): PluginEntry => {
      const past = this.#past.get(info.name);
      const isGoing = past?.state === 'failed' && info.state !== 'active';
      return isGoing ? past : { info, state: info.state, endedAt: undefined, error: past?.error };
    });
    const names = new Set(present.map(({ info }) => info.name));
    const others = [...this.#past.values()].filter(({ info }) => !names.has(info.name));
    return [...present, ...others];
  }

  #end(past: Past): void {
    const { name } = past.info;
    this.#past.delete(name);
    this.#past.set(name, past);
    if (this.#past.size > MOST_PAST) this.#past.delete(this.#past.keys().next().value as string);
  }
}
