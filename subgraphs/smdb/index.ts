/**
 * The smdb room: reports to Stofmisbrugsdatabasen on drug-misuse treatment.
 *
 * rights.ts: who may read and report which forms · forms.ts: the forms and their answers · flow.ts: their order · due.ts: their
 * deadlines · report.ts: reporting one · store.ts: all SQL, with the policies in 001_smdb.sql and 002_acting.sql
 */
import type { Room } from '../kit/subgraph.js';
import { makeLoaders, type SmdbContext, type SmdbFaults } from './loaders.js';
import {
  CitizenResolver,
  SmdbFormResolver,
  SmdbFormVersionResolver,
  SmdbResolver,
  TreatmentCourseResolver,
} from './resolvers.js';

export function makeSmdbRoom(faults: SmdbFaults = {}): Room {
  return {
    name: 'smdb',
    migrations: new URL('.', import.meta.url),
    resolvers: [SmdbResolver, TreatmentCourseResolver, SmdbFormResolver, SmdbFormVersionResolver, CitizenResolver],
    references: {
      Citizen: (reference: { id: string }) => ({ id: reference.id }),
      TreatmentCourse: ({ id }: { id: string }, { loaders }: SmdbContext) => loaders.course.load(id),
      SmdbForm: ({ id }: { id: string }, { loaders }: SmdbContext) => loaders.form.load(id),
    },
    context: (services, viewer): SmdbContext => ({ services, viewer, loaders: makeLoaders(services, viewer, faults) }),
  };
}

export const smdb = makeSmdbRoom();
