/** How the course is taken and how long it is good: settings of the operator, the same for everybody. */
export interface CourseRules {
  /** Months that a course is good; 0 for one that does not expire. */
  readonly months: number;
  /** Questions of an attempt; all that there are, if there are fewer. */
  readonly questions: number;
  /** Per cent of the questions that must be answered right. */
  readonly pass: number;
  /** Attempts that somebody may begin in a day. */
  readonly attempts: number;
  /** Minutes in which an attempt must be answered. */
  readonly minutes: number;
}

export const courseRulesByDefault: CourseRules = { months: 24, questions: 10, pass: 80, attempts: 3, minutes: 60 };
