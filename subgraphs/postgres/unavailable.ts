/**
 * Tells an overloaded or lost database from an error of our own. The first may be tried again later, so callers are told so; an error
 * of ours must stay visible as one.
 */
import pg from 'pg';

/** SQLSTATE classes: connection exception, insufficient resources. */
const classes: ReadonlySet<string> = new Set(['08', '53']);
/** Single SQLSTATEs. */
const states: ReadonlySet<string> = new Set([
  '25P03', // idle_in_transaction_session_timeout: the room stalled between two statements
  '25P04', // transaction_timeout
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled: see isStopped
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown: another backend died, and the server ended all of them
  '57P03', // cannot_connect_now
  '57P04', // database_dropped
  '57P05', // idle_session_timeout
]);

/**
 * Whether a statement failed because the database could not do its work now. `isLost`: the connection could not be used afterwards.
 * The driver gives errors of a lost connection no code, so that their text would be all there is to tell them by.
 */
export function isUnavailable(error: unknown, isLost: boolean): boolean {
  if (!(error instanceof pg.DatabaseError)) return isLost;
  const { code = '' } = error;
  return isLost || states.has(code) || classes.has(code.slice(0, 2));
}

/** Whether a statement reached its time limit, usually because it waited for another transaction's lock. */
export const isStopped = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '57014';
