import base from './base.css?inline';
import controls from './controls.css?inline';

/**
 * What a reader does in the panel is no business of the page: shortcuts of the page are not meant, and a dialog of the
 * page would take the focus back. Moves are not among them: what is dragged may leave the panel.
 */
const contained = [
  ...['click', 'dblclick', 'contextmenu', 'mousedown', 'pointerdown', 'touchstart', 'wheel'],
  ...['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'change', 'copy', 'cut', 'paste', 'focusin', 'focusout'],
];

/**
 * Makes an element whose inside no style of the page reaches, and whose styles reach nothing outside.
 * @param css style sheets beyond those every part of the panel uses
 */
export function createShadow(parent: Element, css: readonly string[]): { host: HTMLElement; root: ShadowRoot } {
  const host = parent.ownerDocument.createElement('div');
  host.dataset['crosstownDevtools'] = '';
  for (const type of contained) host.addEventListener(type, (event) => event.stopPropagation());
  const root = host.attachShadow({ mode: 'open' });
  adopt(root, [base, controls, ...css].join('\n'));
  parent.append(host);
  return { host, root };
}

/** A constructed style sheet needs no permission of a content security policy; a style element does. */
function adopt(root: ShadowRoot, css: string): void {
  const { CSSStyleSheet } = root.ownerDocument.defaultView ?? globalThis;
  if ('adoptedStyleSheets' in root && 'replaceSync' in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    return;
  }
  const style = root.ownerDocument.createElement('style');
  style.textContent = css;
  root.append(style);
}
