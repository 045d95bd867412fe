/**
 * Imported by every program that serves. V8 lets the old generation of the heap grow to about four times its live size before it
 * collects: a process that keeps 140 MB used 700 MB. Collecting at twice the live size costs little, because most of the work is
 * concurrent.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--heap-growing-percent=100');
