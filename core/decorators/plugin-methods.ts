import { DecoratedMethod } from './decorated-method.js';
import { DecoratorError } from './decorator-error.js';
import { assertMethod } from './method-context.js';

type Initializer = (this: object) => void;

/**
 * The decorated methods of each class by name. All decorators of a class are given one `metadata`; compilers that leave
 * it out where there is no `Symbol.metadata` give all decorators of a method one `access.get`.
 */
const classes = new WeakMap<object, Map<unknown, DecoratedMethod>>();
/** By prototype, what is to run for each instance of a class that was decorated by `decorate`. */
const plain = new WeakMap<object, Initializer[]>();
/** By instance, its methods by {@link DecoratedMethod.key}: what a class below says replaces what its base says. */
const instances = new WeakMap<object, Map<unknown, DecoratedMethod>>();

/** The method that a decorator stands before, one object for all of its decorators. @throws DecoratorError */
export function decoratedMethod(decorator: string, context: unknown): DecoratedMethod {
  assertMethod(decorator, context);
  const { access, name, private: isPrivate } = context;
  const owner = context.metadata ?? access.get;
  const methods = classes.get(owner) ?? new Map<unknown, DecoratedMethod>();
  classes.set(owner, methods);
  const key = isPrivate ? `private ${String(name)}` : name;
  const known = methods.get(key);
  if (known !== undefined) return known;
  const method = new DecoratedMethod(context, plain.has(owner));
  methods.set(key, method);
  context.addInitializer(function add() {
    addMethod(decorator, this, method);
  });
  return method;
}

/** What runs for each new instance of a class that `decorate` speaks of; a decorator adds to it. */
export function plainInitializers(prototype: object): Initializer[] {
  const initializers = plain.get(prototype) ?? [];
  plain.set(prototype, initializers);
  return initializers;
}

/** Begins the list of an instance, before the decorators of its classes add to it. */
export function beginMethods(plugin: object): void {
  instances.set(plugin, new Map());
  const initializers: Initializer[] = [];
  for (let each: object | null = plugin; each !== null; each = Object.getPrototypeOf(each)) {
    initializers.unshift(...(plain.get(each) ?? []));
  }
  for (const initializer of initializers) initializer.call(plugin);
}

/** The decorated methods of an instance, those of its base class first. @throws DecoratorError for a filter of nothing */
export function methodsOf(plugin: object): readonly DecoratedMethod[] {
  const methods = [...(instances.get(plugin)?.values() ?? [])];
  const idle = methods.find(({ subscriptions }) => subscriptions.length === 0);
  if (idle === undefined) return methods;
  throw new DecoratorError(
    'eventFilter',
    `stands before "${idle.name}", which handles nothing`,
    'Add an eventHandler there',
  );
}

function addMethod(decorator: string, plugin: object, method: DecoratedMethod): void {
  const methods = instances.get(plugin);
  const { key, name, isPlain } = method;
  if (methods === undefined) {
    throw new DecoratorError(
      decorator,
      `stands before "${name}" of a class that is no plugin`,
      'Let the class extend Plugin of crosstown/decorators',
    );
  }
  const inherited = methods.get(key);
  // Which of the two is of the class below cannot be told: those of `decorate` are added first, whatever their class.
  if (inherited !== undefined && inherited.isPlain !== isPlain) {
    throw new DecoratorError(
      decorator,
      `is used both with the syntax and in decorate() for the method "${name}"`,
      'Use one of the two in all classes that have this method',
    );
  }
  methods.set(key, method);
}
