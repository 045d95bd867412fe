/**
 * Finds security directives of a subgraph that composition has dropped. A subgraph that defines `@authenticated` itself,
 * in place of importing it, composes without an error and without the rule.
 */
import type { ConstDirectiveNode, DocumentNode, NameNode } from 'graphql';
import { type Finding, refused } from '../src/supergraph/findings.js';
import type { Rules } from '../subgraphs/edge/rules.js';

const security = /^(?:federation__)?(authenticated|requiresScopes|policy)$/;

/** `rules`: of the supergraph that was composed with the subgraph. */
export function droppedDirectives(subgraph: DocumentNode, rules: Rules): Finding[] {
  const findings: Finding[] = [];
  const check = (coordinate: string, directives: readonly ConstDirectiveNode[] = []) => {
    const held = rules.requirements.get(coordinate);
    for (const { name } of directives) {
      const directive = security.exec(name.value)?.[1];
      if (!directive) continue;
      const kept =
        directive === 'authenticated' ? held?.authenticated : directive === 'policy' ? held?.policies : held?.scopes;
      if (kept) continue;
      const remedy = `Import "@${directive}" in the @link to Federation, and do not define it.`;
      findings.push(refused(coordinate, `has @${directive}, which composition drops: anybody may have it.`, remedy));
    }
  };
  for (const definition of subgraph.definitions) {
    if (!/Type(Definition|Extension)$/.test(definition.kind)) continue;
    const { name, directives, fields } = definition as unknown as Place & { readonly fields?: readonly Place[] };
    check(name.value, directives);
    for (const field of fields ?? []) check(`${name.value}.${field.name.value}`, field.directives);
  }
  return findings;
}

interface Place {
  readonly name: NameNode;
  readonly directives?: readonly ConstDirectiveNode[];
}
