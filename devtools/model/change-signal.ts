import mitt from 'mitt';

/** Says that something changed: once, however often it does, until the change is acknowledged. */
export class ChangeSignal {
  readonly #emitter = mitt<{ change: undefined }>();
  #announced = false;

  touch(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.#emitter.emit('change');
  }

  /** The next change is worth telling of again. */
  acknowledge(): void {
    this.#announced = false;
  }

  subscribe(onChange: () => void): () => void {
    this.#emitter.on('change', onChange);
    return () => this.#emitter.off('change', onChange);
  }
}
