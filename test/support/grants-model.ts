/**
 * What somebody may, as a model: one employee with grants, agreements, the course, powers of attorney, a unit and a clock. It knows
 * nothing of the database. test/rooms/grants-model.test.ts holds the two against each other.
 */

export type Unit = 'family' | 'housing' | 'centre';
/** The municipality as a whole has no P-number: whoever works in one of its units works for it. */
export type Side = Unit | 'municipality';
export interface Agreement {
  readonly id: string;
  /** The moment from which it is no longer in force. */
  readonly until: number;
  isEnded: boolean;
}
export interface Grant {
  readonly id: string;
  readonly compartment: string;
  readonly agreement: Agreement | null;
  status: 'REQUESTED' | 'GIVEN' | 'OVER';
  confirmBy: number;
}
export interface Power {
  readonly id: string;
  readonly giver: Side;
  readonly receiver: Side;
  standing: 'REQUESTED' | 'GIVEN' | 'OVER';
  seat: 'NONE' | 'ADDED' | 'MARKED';
}
export interface Attempt {
  readonly id: string;
  readonly questions: readonly { readonly number: number; readonly text: string; readonly options: any }[];
  readonly begun: number;
  isJudged: boolean;
}

export const day = 86_400_000;

export class Life {
  unit: Unit = 'family';
  hasLeft = false;
  /** Rights end with leaving. */
  hasRights = true;
  courseUntil = 0;
  readonly agreements: Agreement[] = [];
  readonly grants: Grant[] = [];
  readonly powers: Power[] = [];
  readonly attempts: Attempt[] = [];

  constructor(
    /** Whether the right acted in is that of the citizen service. */
    readonly needsCourse: boolean,
    readonly time: () => number,
  ) {}

  stands = ({ isEnded, until }: Agreement): boolean => !isEnded && until > this.time();
  lasts = ({ status, confirmBy, agreement }: Grant): boolean =>
    status === 'GIVEN' && confirmBy > this.time() && (agreement === null || this.stands(agreement));
  worksFor = (side: Side): boolean =>
    !this.hasLeft && (side === this.unit || (side === 'municipality' && this.unit !== 'centre'));
  usable = ({ standing, seat }: Power): boolean => standing === 'GIVEN' && seat === 'MARKED' && this.hasRights;
  /** By how many answers may be wrong: two of ten. */
  canBegin = (): boolean =>
    !this.hasLeft && this.attempts.filter(({ begun }) => dayOf(begun) === dayOf(this.time())).length < 3;
  canJudge = ({ begun, isJudged }: Attempt): boolean => !this.hasLeft && !isJudged && this.time() < begun + 60 * 60_000;

  /** The compartments of the grants in force. */
  clearance(): string[] {
    if (!this.hasRights || (this.needsCourse && this.courseUntil <= this.time())) return [];
    return this.grants.filter(this.lasts).map(({ compartment }) => compartment);
  }

  confirm(grant: Grant): void {
    grant.status = 'GIVEN';
    grant.confirmBy = monthsLater(this.time(), 6);
  }

  /** A course passed on that day is good for two years. A later one does not shorten it. */
  passCourse(): void {
    this.courseUntil = Math.max(this.courseUntil, midnight(dayOf(monthsLater(this.time(), 24))));
  }

  /** A change of unit ends all grants; whoever does not work for the receiver any more is on its powers no more. */
  move(unit: Unit): void {
    this.unit = unit;
    for (const grant of this.grants) grant.status = 'OVER';
    this.leaveSeats();
  }

  leave(): void {
    this.hasLeft = true;
    this.hasRights = false;
    for (const grant of this.grants) grant.status = 'OVER';
    this.leaveSeats();
  }

  private leaveSeats(): void {
    for (const power of this.powers) if (!this.worksFor(power.receiver)) power.seat = 'NONE';
  }
}

/** Minutes by which the clock in Denmark is ahead of UTC. */
const zone = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Copenhagen', timeZoneName: 'longOffset' });
const ahead = (at: number): number => {
  const offset = zone.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName')!.value;
  return Number(offset.slice(4, 6)) * 60;
};
/** The same time of day on the wall, so many months later; the last day of a shorter month. */
function monthsLater(at: number, months: number): number {
  const wall = new Date(at + ahead(at) * 60_000);
  const later = new Date(wall);
  later.setUTCDate(1);
  later.setUTCMonth(later.getUTCMonth() + months);
  const last = new Date(Date.UTC(later.getUTCFullYear(), later.getUTCMonth() + 1, 0)).getUTCDate();
  later.setUTCDate(Math.min(wall.getUTCDate(), last));
  return later.getTime() - ahead(later.getTime()) * 60_000;
}
export const midnight = (date: string): number =>
  Date.parse(`${date}T00:00:00Z`) - ahead(Date.parse(`${date}T00:00:00Z`)) * 60_000;
/** The calendar day in Denmark. */
export const dayOf = (at: number): string => new Date(at + ahead(at) * 60_000).toISOString().slice(0, 10);
