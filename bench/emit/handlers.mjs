// The handlers that are measured. They all do the same: read one number of the payload and add it up.
let total = 0;

/** @typedef {{ readonly n: number }} Payload */

/** What was added up so far: proof that handlers ran. */
export function handled() {
  return total;
}

/**
 * Makers of handlers that get the payload itself. Each is a literal of its own, so that a library's call of a handler
 * sees many targets, as it does in an application.
 * @type {readonly (() => (data: Payload) => unknown)[]}
 */
export const dataHandlers = [
  () => (data) => {
    total = (total + data.n) | 0;
  },
  () =>
    function add(data) {
      total = (total + data.n) | 0;
    },
  () => (data) => {
    const { n } = data;
    total = (total + n) | 0;
  },
  () => {
    const by = { add: (/** @type {number} */ n) => (total + n) | 0 };
    return (data) => {
      total = by.add(data.n);
    };
  },
];

/**
 * The same for libraries that hand over an event with the payload in it.
 * @type {readonly (() => (event: { readonly data: Payload }) => unknown)[]}
 */
export const eventHandlers = [
  () => (event) => {
    total = (total + event.data.n) | 0;
  },
  () =>
    function add(event) {
      total = (total + event.data.n) | 0;
    },
  () => (event) => {
    const { n } = event.data;
    total = (total + n) | 0;
  },
  () => {
    const by = { add: (/** @type {number} */ n) => (total + n) | 0 };
    return (event) => {
      total = by.add(event.data.n);
    };
  },
];

/** @returns {(data: Payload) => unknown} */
export const asyncDataHandler = () => async (data) => {
  total = (total + data.n) | 0;
};

/** @returns {(event: { readonly data: Payload }) => unknown} */
export const asyncEventHandler = () => async (event) => {
  total = (total + event.data.n) | 0;
};

/** @returns {(data: Payload) => unknown} */
export const answeringDataHandler = () => (data) => (total = (total + data.n) | 0);

/** @returns {(event: { readonly data: Payload }) => unknown} */
export const answeringEventHandler = () => (event) => (total = (total + event.data.n) | 0);
