/**
 * The smdb room: reports to Stofmisbrugsdatabasen on drug-misuse treatment.
 *
 * rights.ts: who may read and report which forms · forms.ts: the forms and their answers · flow.ts: their order · due.ts: their
 * deadlines · report.ts: which course one joins · store.ts: all SQL, with the policies in 001_smdb.sql and 002_acting.sql
 */
import type { Room } from '../kit/room.js';
import { makeContext } from './context.js';
import type { DisabledWalls } from './loaders.js';
import { references } from './references.js';
import {
  CitizenResolver,
  SmdbFormResolver,
  SmdbFormVersionResolver,
  SmdbResolver,
  TreatmentCourseResolver,
} from './resolvers.js';

/** `disabled`: single walls that a test takes down, to check whether the other tests notice. */
export function makeSmdbRoom(disabled: DisabledWalls = {}): Room {
  return {
    name: 'smdb',
    migrations: new URL('.', import.meta.url),
    resolvers: [SmdbResolver, TreatmentCourseResolver, SmdbFormResolver, SmdbFormVersionResolver, CitizenResolver],
    references,
    context: (services, viewer) => makeContext(services, viewer, disabled),
  };
}

export const smdb = makeSmdbRoom();
