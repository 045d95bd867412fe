/** The tokens with which rooms call each other. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { roomTokens } from '../../subgraphs/protocol/internal.js';

const secret = 'only-for-tests-only-for-tests-only-for-tests';

describe('a token between rooms', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is renewed in time by a room that calls all the time', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'], now: Date.now() });
    const caller = roomTokens(secret);
    const tokens = new Set<string>();
    for (let second = 0; second < 300; second += 5) {
      const token = await caller.sign('audit');
      tokens.add(token);
      // Whoever is called remembers nothing here: each token is looked at by the clock.
      await expect(roomTokens(secret).verify(token, 'audit')).resolves.toBeUndefined();
      jest.advanceTimersByTime(5_000);
    }
    expect(tokens.size).toBeGreaterThanOrEqual(8);
    expect(tokens.size).toBeLessThanOrEqual(12);
  });

  it('is good for the room that it names, under the secret of that database, and for a minute', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'], now: Date.now() });
    const token = await roomTokens(secret).sign('audit');
    await expect(roomTokens(secret).verify(token, 'identity')).rejects.toThrow('another room');
    await expect(roomTokens(`${secret}!`).verify(token, 'audit')).rejects.toThrow();
    jest.advanceTimersByTime(61_000);
    await expect(roomTokens(secret).verify(token, 'audit')).rejects.toThrow();
  });
});
