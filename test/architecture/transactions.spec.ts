import { describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';

const SRC = path.resolve(import.meta.dirname, '../../src');

/** What breaks the rules of writing in a source text: `Class.method: fault`. */
function faultsOf(source: string): string[] {
  const faults: string[] = [];
  const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.ESNext, true);
  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isClassDeclaration(node)) owner = node.name?.text ?? '?';
    if (ts.isMethodDeclaration(node)) {
      const name = `${owner}.${node.name.getText()}`;
      if (owner.endsWith('Repository') && writes(node) && node.parameters[0]?.type?.getText() !== 'Tx') faults.push(`${name}: writes, and does not take tx: Tx first`);
    }
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'rows') {
      const sql = node.arguments[0]?.getText() ?? '';
      if (/^[`'"]\s*(INSERT|UPDATE|DELETE|REPLACE)\b/i.test(sql)) faults.push(`${owner}: writes with rows()`);
      if (/\bFOR UPDATE\b|\bLOCK IN SHARE MODE\b/i.test(sql) && !/^tx\b/.test(node.expression.expression.getText())) faults.push(`${owner}: locks outside a transaction`);
    }
    ts.forEachChild(node, (child) => visit(child, owner));
  };
  visit(file, '');
  return faults;
}

function writes(node: ts.Node): boolean {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'write') return true;
  return ts.forEachChild(node, (child) => (writes(child) ? true : undefined)) ?? false;
}

describe('writing', () => {
  it('takes the open transaction first, everywhere', async () => {
    const files = (await readdir(SRC, { recursive: true })).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
    const faults = await Promise.all(files.map(async (name) => faultsOf(await readFile(path.join(SRC, name), 'utf8')).map((fault) => `${name}: ${fault}`)));
    expect(files.length).toBeGreaterThan(100);
    expect(faults.flat()).toEqual([]);
  });

  it.each([
    ['class SeatRepository { take(id: string, tx: Tx) { return tx.write(`UPDATE seat SET taken = 1`); } }', 'SeatRepository.take: writes, and does not take tx: Tx first'],
    ['class SeatRepository { take(id: string) { return this.database.rows(`UPDATE seat SET taken = 1`); } }', 'SeatRepository: writes with rows()'],
    ['class SeatRepository { free() { return this.database.rows(`SELECT 1 FROM seat FOR UPDATE`); } }', 'SeatRepository: locks outside a transaction'],
  ])('would be noticed in %s', (source, fault) => {
    expect(faultsOf(source)).toEqual([fault]);
  });

  it('may read with rows() and write with tx', () => {
    expect(faultsOf('class SeatRepository { async take(tx: Tx, id: string) { await tx.rows(`SELECT 1`); return tx.write(`UPDATE seat SET taken = 1`); } }')).toEqual([]);
  });
});
