import { PreviewBrowserProvider, preview } from '@vitest/browser-preview';
import type { BrowserProviderOption, TestProject } from 'vitest/node';
import type { Engine } from './engine.mjs';
import { open, type Program } from './open.mjs';

/** Vitest's provider for a browser that people open themselves, except that it is opened here, and closed again. */
export function opened(engine: Engine): BrowserProviderOption {
  return { ...preview(), providerFactory: (project) => new EngineProvider(project, engine) };
}

class EngineProvider extends PreviewBrowserProvider {
  readonly #engine: Engine;
  readonly #programs: Program[] = [];

  constructor(project: TestProject, engine: Engine) {
    super(project);
    this.#engine = engine;
  }

  override async openPage(_session: string, url: string): Promise<void> {
    const program = await open(this.#engine, url);
    this.#programs.push(program);
    void program.ended.then(() => {
      if (this.#programs.includes(program))
        console.error(`${this.#engine.name} has ended by itself.\n${program.said()}`);
    });
  }

  override async close(): Promise<void> {
    await Promise.all(this.#programs.splice(0).map(({ stop }) => stop()));
  }
}
