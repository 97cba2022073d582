// What people do with pointer and keyboard, as far as a page can do it to itself. It stands in for
// @testing-library/user-event, which Vitest takes where it has no driver, and which finds no focus in a shadow root.

type Field = HTMLInputElement | HTMLTextAreaElement;

/** The shape in which Vitest expects it. */
export const userEvent = { setup: () => ({ click, clear, type, keyboard, selectOptions }) };

async function click(element: HTMLElement): Promise<void> {
  element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const { left, top, width, height } = element.getBoundingClientRect();
  const at = { clientX: left + width / 2, clientY: top + height / 2 };
  const common = { ...at, bubbles: true, cancelable: true, composed: true, detail: 1, view: window };
  const pointer = { ...common, isPrimary: true, pointerType: 'mouse', button: 0 };
  element.dispatchEvent(new PointerEvent('pointerdown', { ...pointer, buttons: 1 }));
  if (element.dispatchEvent(new MouseEvent('mousedown', { ...common, buttons: 1 }))) focusAt(element);
  element.dispatchEvent(new PointerEvent('pointerup', pointer));
  element.dispatchEvent(new MouseEvent('mouseup', common));
  element.click();
  await rendered();
}

async function clear(element: Field): Promise<void> {
  element.focus();
  enter(element, '');
  await rendered();
}

async function type(element: Field, text: string): Promise<void> {
  element.focus();
  enter(element, element.value + text);
  await rendered();
}

/** By value or by what is shown; of several, the last that is there. */
async function selectOptions(element: HTMLSelectElement, wanted: string | readonly string[]): Promise<void> {
  const names = [wanted].flat();
  element.focus();
  for (const { value, label } of element.options)
    if (names.includes(value) || names.includes(label)) element.value = value;
  element.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  element.dispatchEvent(new Event('change', { bubbles: true }));
  await rendered();
}

/** Keys as they are written: `{ArrowDown}` is one, and so is each other character. */
async function keyboard(text: string): Promise<void> {
  for (const [written, name] of text.matchAll(/\{(\w+)\}|./gs)) {
    const key = name ?? written;
    const target = focused();
    const common = { key, bubbles: true, cancelable: true, composed: true };
    if (target.dispatchEvent(new KeyboardEvent('keydown', common)) && key.length === 1 && isField(target))
      enter(target, target.value + key);
    focused().dispatchEvent(new KeyboardEvent('keyup', common));
    await rendered();
  }
}

/** What has the focus, however deep in shadow roots. */
function focused(): Element {
  let element = document.activeElement ?? document.body;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

/** A press gives the focus to the nearest element that takes it, and takes it from all where there is none. */
function focusAt(element: HTMLElement): void {
  for (let each: HTMLElement | null = element; each !== null; each = each.parentElement) {
    each.focus();
    if (focused() === each) return;
  }
  const last = focused();
  if (last instanceof HTMLElement) last.blur();
}

function isField(element: Element): element is Field {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

/** Past React, which keeps the setter of the element to itself. */
function enter(element: Field, value: string): void {
  const { prototype } = element instanceof HTMLInputElement ? HTMLInputElement : HTMLTextAreaElement;
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(element, value);
  element.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
}

function rendered(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}
