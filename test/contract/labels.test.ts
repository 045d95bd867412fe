/** Every value of every enum that callers meet has a display name in both languages, and nothing else has one. */
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { buildSchema, isEnumType } from 'graphql';
import { labels } from '../../subgraphs/protocol/labels.js';

const schema = buildSchema(readFileSync('schema/api.graphql', 'utf8'), { assumeValidSDL: true });
const enums = Object.values(schema.getTypeMap())
  .filter(isEnumType)
  .filter(({ name }) => !name.startsWith('__'));

it('names the values of the schema’s enums, in its order', () => {
  const expected = Object.fromEntries(enums.map((type) => [type.name, type.getValues().map(({ name }) => name)]));
  const named = Object.fromEntries(Object.entries(labels).map(([name, values]) => [name, Object.keys(values)]));
  expect(named).toEqual(expected);
});

it('says each name on one line, and never the same one twice within an enum', () => {
  for (const [name, values] of Object.entries(labels))
    for (const language of [0, 1]) {
      const texts = Object.values(values).map((both) => both[language]!);
      expect([name, texts.filter((text) => !/^\S(.*\S)?$/.test(text) || text.length > 80)]).toEqual([name, []]);
      expect([name, new Set(texts).size]).toEqual([name, texts.length]);
    }
});
