import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'vite';
import { at } from './entries.js';

/** A name that an entry exports, and how the source declares it. */
export interface PublicName {
  readonly name: string;
  /** Where it is declared, relative to the top of the project. */
  readonly file: string;
  readonly kind: 'function' | 'class' | 'value' | 'type';
  /** Text of the comment before the declaration; empty when there is none. */
  readonly doc: string;
  /** What the class extends, if anything. */
  readonly base?: string;
}

type Statement = ReturnType<typeof parseSync>['program']['body'][number];

/** The source behind a relative import that ends in `.js`. */
function resolve(from: string, specifier: string): string {
  const path = join(dirname(from), specifier).replace(/\.js$/, '');
  return existsSync(at(`${path}.tsx`)) ? `${path}.tsx` : `${path}.ts`;
}

/** All names that a module exports, each followed to its declaration. */
export function publicNames(file: string): PublicName[] {
  const source = readFileSync(at(file), 'utf8');
  const { module, program, comments } = parseSync(file, source);
  return module.staticExports
    .flatMap((statement) => statement.entries)
    .map((entry) => {
      const name = entry.exportName.name ?? 'default';
      if (entry.moduleRequest) {
        const imported = entry.importName.name;
        const found = publicNames(resolve(file, entry.moduleRequest.value)).find((each) => each.name === imported);
        if (!found) throw new Error(`${file} exports ${imported}, which ${entry.moduleRequest.value} does not have`);
        return { ...found, name };
      }
      const local = entry.localName.name ?? name;
      for (const statement of program.body) {
        const found = declaration(statement, local);
        if (!found) continue;
        const before = comments.findLast(({ end }) => end <= statement.start);
        const isBeside = before?.value.startsWith('*') && source.slice(before.end, statement.start).trim() === '';
        return { name, file, doc: isBeside ? (before?.value ?? '') : '', ...found };
      }
      throw new Error(`${file} exports ${local} without declaring it`);
    });
}

/** What a statement declares under a name, if it does. */
function declaration(statement: Statement, name: string): Pick<PublicName, 'kind' | 'base'> | undefined {
  const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  switch (node?.type) {
    case 'VariableDeclaration': {
      const own = node.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name);
      return own && { kind: own.init?.type === 'ArrowFunctionExpression' ? 'function' : 'value' };
    }
    case 'ClassDeclaration':
      if (node.id?.name !== name) return undefined;
      return { kind: 'class', ...(node.superClass?.type === 'Identifier' ? { base: node.superClass.name } : {}) };
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return node.id?.name === name ? { kind: 'function' } : undefined;
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return node.id.name === name ? { kind: 'type' } : undefined;
    default:
      return undefined;
  }
}
