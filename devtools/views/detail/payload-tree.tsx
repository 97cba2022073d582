import { type MemoExoticComponent, memo, type ReactElement, useState } from 'react';
import { type Child, open } from '../../model/payload/children.js';
import { labelOf, type ValueLabel } from '../../model/payload/label.js';
import { previewData } from '../../model/payload/preview.js';
import { Icon } from '../../ui/icons.js';
import { LongText } from './long-text.js';
import { rangesOf } from './ranges.js';

interface PayloadTreeProps {
  readonly value: unknown;
  /** Whether its first level is open at first. */
  readonly isOpen?: boolean;
}

/** Any value as a tree whose branches are read when they are opened. */
export const PayloadTree: MemoExoticComponent<(props: PayloadTreeProps) => ReactElement> = memo(function PayloadTree({
  value,
  isOpen = true,
}: PayloadTreeProps): ReactElement {
  return (
    <div className="tree mono">
      <Branch value={value} ancestors={[]} isOpen={isOpen} />
    </div>
  );
});

interface BranchProps {
  /** What stands before the value; nothing at the root. */
  readonly name?: string;
  readonly separator?: string;
  readonly isFaint?: boolean;
  readonly value: unknown;
  /** The values around this one, to see a circle. */
  readonly ancestors: readonly unknown[];
  readonly isOpen?: boolean;
}

function Branch({ name, separator = ': ', isFaint, value, ancestors, isOpen = false }: BranchProps): ReactElement {
  const [opened, setOpened] = useState(isOpen);
  const label = labelOf(value);
  const isCircle = label.size !== 0 && ancestors.includes(value);
  const key = name !== undefined && (
    <>
      <span className={isFaint ? 'tree-key dim' : 'tree-key'}>{name}</span>
      {separator}
    </>
  );
  if (label.size === 0 || isCircle) {
    return (
      <div className="tree-leaf">
        {key}
        <Value label={label} />
        {isCircle && <span className="badge">circular</span>}
      </div>
    );
  }
  return (
    <div>
      <button type="button" className="tree-toggle" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <Icon name="chevron" size={10} />
        <span className="tree-line">
          {key}
          {opened || label.kind === 'error' ? <Value label={label} /> : <span>{previewData(value)}</span>}
        </span>
      </button>
      {opened && <Children value={value} kind={label.kind} ancestors={[...ancestors, value]} />}
    </div>
  );
}

interface ChildrenProps {
  readonly value: unknown;
  readonly kind: ValueLabel['kind'];
  readonly ancestors: readonly unknown[];
  readonly from?: number;
  readonly to?: number;
}

/** The entries of a value; more than a hundred are put in ranges that are opened one by one. */
function Children({ value, kind, ancestors, from = 0, to }: ChildrenProps): ReactElement {
  const { size, slice } = open(value);
  const end = to ?? size;
  const ranges = rangesOf(from, end);
  if (size === 0) return <div className="tree-children dim">nothing inside</div>;
  return (
    <div className="tree-children">
      {ranges.length > 0
        ? ranges.map((range) => (
            <RangeBranch
              key={range.from}
              value={value}
              kind={kind}
              ancestors={ancestors}
              from={range.from}
              to={range.to}
            />
          ))
        : slice(from, end).map((child, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two entries may have the same key, their place is their name.
            <Entry key={from + i} child={child} separator={kind === 'map' ? ' ⇒ ' : ': '} ancestors={ancestors} />
          ))}
    </div>
  );
}

function RangeBranch(props: ChildrenProps & { readonly from: number; readonly to: number }): ReactElement {
  const [opened, setOpened] = useState(false);
  return (
    <div>
      <button type="button" className="tree-toggle dim" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <Icon name="chevron" size={10} />[{props.from} … {props.to - 1}]
      </button>
      {opened && <Children {...props} />}
    </div>
  );
}

interface EntryProps {
  readonly child: Child;
  readonly separator: string;
  readonly ancestors: readonly unknown[];
}

function Entry({ child, separator, ancestors }: EntryProps): ReactElement {
  const { key, holds, value, enumerable } = child;
  if (holds === 'value') {
    return <Branch name={key} separator={separator} isFaint={!enumerable} value={value} ancestors={ancestors} />;
  }
  return (
    <div className="tree-leaf">
      <span className="tree-key">{key}</span>
      {separator}
      {holds === 'getter' ? (
        <span className="dim" title="A getter; the panel does not call it">
          (getter)
        </span>
      ) : (
        <span className="value unreadable">{String(value)}</span>
      )}
    </div>
  );
}

function Value({ label: { kind, text } }: { readonly label: ValueLabel }): ReactElement {
  return <span className={`value ${kind}`}>{kind === 'string' ? <LongText text={text} /> : text}</span>;
}
