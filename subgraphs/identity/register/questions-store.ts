/** SQL that brings the course's questions up to what is staged. */
import { counted, kept, type Write } from './upsert-store.js';

/** Attempts keep the questions as they were asked. */
export const questions: Write = async (query, municipality) => {
  const columns = ['question', 'right_answer', 'wrong_1', 'wrong_2', 'wrong_3', 'source'];
  const wanted = columns.map(kept).join(', ');
  return {
    changed: await counted(
      query,
      `UPDATE course_question t SET (${columns.join(', ')}) = ROW (${wanted}) FROM staged_questions s
       WHERE t.municipality = $1 AND t.code = s.code
         AND (${columns.map((column) => `t.${column}`).join(', ')}) IS DISTINCT FROM (${wanted})
       RETURNING t.code`,
      [municipality],
    ),
    added: await counted(
      query,
      `INSERT INTO course_question (municipality, code, ${columns.join(', ')})
       SELECT $1, code, ${columns.join(', ')} FROM staged_questions ON CONFLICT DO NOTHING RETURNING code`,
      [municipality],
    ),
  };
};
