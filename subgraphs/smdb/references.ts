/** Resolves each entity from its key, as far as it exists for this viewer. */
import type { Room } from '../kit/room.js';
import type { SmdbContext } from './context.js';

export const references: Room['references'] = {
  Citizen: ({ id }: { id: string }) => ({ id }),
  TreatmentCourse: ({ id }: { id: string }, { loaders }: SmdbContext) => loaders.course.load(id),
  SmdbForm: ({ id }: { id: string }, { loaders }: SmdbContext) => loaders.form.load(id),
};
