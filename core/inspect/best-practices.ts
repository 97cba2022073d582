import { compilePattern, InvalidOptionError, type Observer } from '../index.js';
import { type Advice, quote, type RuleName, ruleNames } from './best-practices/advice.js';
import { Practices } from './best-practices/practices.js';

export type { Advice, RuleName } from './best-practices/advice.js';

/** What {@link bestPractices} looks at, and whom it tells. */
export interface BestPracticesOptions {
  /** Takes each piece of advice; by default its message goes to `console.warn`. */
  readonly report?: (advice: Advice) => unknown;
  /** Patterns of the events that are not looked at, as of those that others have named. */
  readonly ignore?: string | readonly string[];
  /** `false` for a rule that is not yours. */
  readonly rules?: Readonly<Partial<Record<RuleName, boolean>>>;
}

/**
 * An observer for development and tests that says once for each rule and type what could be better, and how:
 *
 * - `vague-type`: `user_thing`, `data.event`, `user.changed`, a single word with data;
 * - `type-style`: `userCreated`, `User.Created`, `user.logged-in` beside `user.loggedIn` or `order.pre_paid`;
 * - `too-many-types`: ids in types, when there are over 1,000; further ones are not looked at, which bounds its memory;
 * - `unstructured-data`: a bare text, number, list or Map;
 * - `vague-field`: `stuff`, `other`, `info`;
 * - `inconsistent-data`: a field, or an id of one name in two types, that is now a text and now a number;
 * - `broken-chain`: `bus.emit` in a handler, where `delivery.emit` sets the cause; only seen in synchronous handlers;
 * - `unheard-type`: nobody gets it, and a type that somebody gets is one slip away; told a second later, at the next event.
 *
 * It knows of subscriptions that are made after it, and of one bus: take one for each. It reads the fields of data, as a
 * store or transport does, and quotes none of their values. It takes about 400 ns for an event of three fields, beside
 * the 700 that any observer costs. What `report` throws or rejects with is a failure of the observer.
 *
 * @throws InvalidOptionError, InvalidPatternError
 * @example
 * const advice: Advice[] = [];
 * bus.inspect(bestPractices({ report: (each) => advice.push(each) }));
 * runTheApplication(bus);
 * expect(advice.map(({ message }) => message)).toEqual([]);
 */
export function bestPractices(options: BestPracticesOptions = {}): Observer {
  const { report = ({ message }) => console.warn(message), ignore = [], rules = {} } = options;
  if (typeof report !== 'function') throw new InvalidOptionError('report', report, 'a function');
  for (const [name, isOn] of Object.entries(rules)) {
    if (!(ruleNames as readonly string[]).includes(name))
      throw new InvalidOptionError('rules', name, `names of rules: ${ruleNames.join(', ')}`);
    if (isOn !== undefined && typeof isOn !== 'boolean')
      throw new InvalidOptionError(`rules[${quote(name)}]`, isOn, 'true or false');
  }
  const off = ruleNames.filter((rule) => rules[rule] === false);
  const practices = new Practices(report, compilePattern(ignore), off);
  return (inspection) => practices.observe(inspection);
}
