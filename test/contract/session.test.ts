/** What a gateway believes of a session, against an identity room made of a few variables: order, age and chance in hand. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { openSessions, tokenOf } from '../../src/sessions/sessions.js';
import type { FoundSession, ViewerCache } from '../../src/sessions/viewer-cache.js';
import type { CallRoom } from '../../src/subgraph-client/internal-calls.js';
import { lease } from '../../subgraphs/edge/clients.js';
import { Fault } from '../../subgraphs/protocol/faults.js';
import { aViewer } from '../support/room.js';

const token = 't'.repeat(43);
const person = '00000000-0000-4000-8000-000000000001';

/** A room with one session. `hold` keeps its next answers back until `release`. */
function aRoom() {
  const state = { revision: 7, right: 'CASEWORKER' as string | null, open: true, goodFor: 60_000, touchIn: 15_000 };
  const changes: { revision: number; person: string }[] = [];
  const asked: string[] = [];
  let gate: Promise<void> | null = null;
  let openGate = () => {};
  let changesGate: Promise<void> | null = null;
  let openChanges = () => {};
  let broken = false;
  const answers: Record<string, (body: any) => object> = {
    'resolve-session': () =>
      state.open
        ? {
            viewer: aViewer({ right: state.right, authenticatedAt: 1 }),
            revision: state.revision,
            goodFor: state.goodFor,
            touchIn: state.touchIn,
          }
        : { viewer: null, ended: 'CLOSED' },
    'access-changes': ({ since }) => ({
      revision: state.revision,
      persons: since === null ? null : changes.filter((one) => one.revision > since).map((one) => one.person),
    }),
    'close-session': () => {
      room.change(() => (state.open = false));
      return {};
    },
  };
  const room = {
    state,
    asked,
    call: (async (name, body) => {
      asked.push(
        name === 'resolve-session' ? `${name} ${(body as { touch: boolean }).touch ? 'touch' : 'look'}` : name,
      );
      if (broken) throw new Error('gone');
      // The answer is what was true when the room looked, however late it arrives.
      const answer = answers[name]!(body);
      if (name === 'resolve-session') await gate;
      if (name === 'access-changes') await changesGate;
      return answer;
    }) as CallRoom,
    change(make: () => void) {
      make();
      state.revision += 1;
      changes.push({ revision: state.revision, person });
    },
    holdChanges: () => {
      changesGate = new Promise((done) => (openChanges = done));
    },
    releaseChanges: () => {
      changesGate = null;
      openChanges();
    },
    hold: () => {
      gate = new Promise((done) => (openGate = done));
    },
    release: () => {
      gate = null;
      openGate();
    },
    break: () => (broken = true),
  };
  return room;
}

let clock = 0;
jest.spyOn(performance, 'now').mockImplementation(() => clock);
const later = (milliseconds: number) => (clock += milliseconds);
afterEach(() => {
  later(1_000_000);
});

const sessionsOf = (room: ReturnType<typeof aRoom>, cache: ViewerCache | null = null) =>
  openSessions(room.call, { municipality: '0999', revocations: null, cache });

describe('a viewer', () => {
  it('is asked for once, and then only whether anything has changed, once a lease', async () => {
    const room = aRoom();
    const sessions = sessionsOf(room);
    const first = await sessions.viewerOf(token);
    expect(room.asked).toEqual(['access-changes', 'resolve-session touch']);
    expect(sessions.viewerOf(token)).toBe(first);
    later(lease - 1);
    expect(sessions.viewerOf(token)).toBe(first);
    expect(room.asked).toHaveLength(2);
    later(1);
    expect(await sessions.viewerOf(token)).toBe(first);
    expect(room.asked.slice(2)).toEqual(['access-changes']);
  });

  it('is never believed beyond a lease when the room is gone: SESSION_UNAVAILABLE', async () => {
    const room = aRoom();
    const sessions = sessionsOf(room);
    const first = await sessions.viewerOf(token);
    room.break();
    expect(sessions.viewerOf(token)).toBe(first);
    later(lease);
    await expect(sessions.viewerOf(token)).rejects.toMatchObject({ code: 'SESSION_UNAVAILABLE' });
    await expect(sessions.stillHolds(token, first!)).rejects.toBeInstanceOf(Fault);
  });

  it('of before a change is not kept, though its answer arrives after the change was heard of', async () => {
    const room = aRoom();
    const sessions = sessionsOf(room);
    await sessions.viewerOf('other'.repeat(9));
    room.hold();
    const late = sessions.viewerOf(token);
    await Promise.resolve();
    room.change(() => (room.state.right = null));
    later(lease);
    // Somebody else's request hears of the change while the answer is on its way.
    void sessions.viewerOf('other'.repeat(9));
    await new Promise((done) => setImmediate(done));
    room.release();
    expect(await late).toMatchObject({ right: null });
    expect(await sessions.viewerOf(token)).toMatchObject({ right: null });
  });

  it('whose time is over is asked for again, though nothing has changed', async () => {
    const room = aRoom();
    room.state.goodFor = 100;
    const sessions = sessionsOf(room);
    await sessions.viewerOf(token);
    room.state.open = false;
    later(99);
    expect(await sessions.viewerOf(token)).not.toBeNull();
    later(1);
    expect(await sessions.viewerOf(token)).toBeNull();
  });

  it('is everybody’s to lose when the room cannot say who changed', async () => {
    const room = aRoom();
    const sessions = sessionsOf(room);
    await sessions.viewerOf(token);
    // A database that was put back to an older state.
    room.state.revision = 3;
    room.state.right = 'MANAGER';
    later(lease);
    const real = room.call;
    const put = openSessions(
      async (name, body) => (name === 'access-changes' ? { revision: 3, persons: null } : real(name, body)),
      {
        municipality: '0999',
        revocations: null,
        cache: null,
      },
    );
    expect(await put.viewerOf(token)).toMatchObject({ right: 'MANAGER' });
  });
});

describe('when an answer leaves', () => {
  it('its viewer is the same, changed, or ended', async () => {
    const room = aRoom();
    const sessions = sessionsOf(room);
    const viewer = (await sessions.viewerOf(token))!;
    expect(sessions.stillHolds(token, viewer)).toBe('same');
    room.change(() => (room.state.right = 'MANAGER'));
    later(lease);
    expect(await sessions.stillHolds(token, viewer)).toBe('changed');
    room.change(() => (room.state.right = 'CASEWORKER'));
    later(lease);
    // The same words as before, though the change made it another object.
    expect(await sessions.stillHolds(token, viewer)).toBe('same');
    room.change(() => (room.state.open = false));
    later(lease);
    expect(await sessions.stillHolds(token, viewer)).toBe('ended');
  });

  it('looking at it keeps no session alive', async () => {
    const room = aRoom();
    room.state.touchIn = 0;
    const sessions = sessionsOf(room);
    const viewer = (await sessions.viewerOf(token, 'polling'))!;
    later(lease);
    await sessions.stillHolds(token, viewer);
    expect(room.asked.filter((one) => one.startsWith('resolve'))).toEqual(['resolve-session look']);
  });
});

describe('a session', () => {
  it('is told of a person’s use when that is due, and never of polling', async () => {
    const room = aRoom();
    const sessions = sessionsOf(room);
    await sessions.viewerOf(token, 'polling');
    await sessions.viewerOf(token, 'person');
    later(room.state.touchIn);
    await sessions.viewerOf(token, 'polling');
    await sessions.viewerOf(token, 'person');
    expect(room.asked.filter((one) => one.startsWith('resolve'))).toEqual([
      'resolve-session look',
      'resolve-session touch',
    ]);
  });

  it('that was closed is acknowledged only once no gateway can hold a lease from before', async () => {
    const room = aRoom();
    const [here, there] = [sessionsOf(room), sessionsOf(room)];
    const viewer = (await there.viewerOf(token))!;
    await here.viewerOf(token);
    const began = Date.now();
    await here.close(token);
    expect(Date.now() - began).toBeGreaterThanOrEqual(lease);
    later(lease);
    expect(await there.stillHolds(token, viewer)).toBe('ended');
    expect(await there.viewerOf(token)).toBeNull();
  });

  it('that was closed while a question was under way is heard of by the next one', async () => {
    const room = aRoom();
    const [here, there] = [sessionsOf(room), sessionsOf(room)];
    await there.viewerOf(token);
    await here.viewerOf(token);
    later(lease);
    room.holdChanges();
    // The room looked before the change, and its answer is late.
    const early = here.viewerOf('another'.repeat(7), 'polling');
    const settle = here.changing();
    room.change(() => (room.state.open = false));
    const began = Date.now();
    const settled = settle();
    await new Promise((done) => setTimeout(done, 20));
    room.releaseChanges();
    await settled;
    expect(Date.now() - began).toBeGreaterThanOrEqual(lease);
    await early;
  });

  it('is closed at once where nothing changed by it', async () => {
    const room = aRoom();
    const sessions = sessionsOf(room);
    await sessions.viewerOf(token);
    const settle = sessions.changing();
    // This timer is older than any that `settle` could wait for.
    const waited = new Promise((resolve) => setTimeout(() => resolve('a lease later'), lease));
    expect(await Promise.race([waited, settle().then(() => 'at once')])).toBe('at once');
  });
});

describe('what other gateways left in the cache', () => {
  const cacheOf = (found: Partial<FoundSession>) => {
    const whole: FoundSession = {
      text: JSON.stringify(aViewer({ right: 'FROM_CACHE', authenticatedAt: 1 })),
      ...{ person, revision: 7, goodFor: 30_000, touchIn: 10_000 },
      ...found,
    };
    return { get: async () => whole, set: async () => {}, close: () => {} } satisfies ViewerCache;
  };

  it('is used where it is of the last change or later', async () => {
    const room = aRoom();
    expect(await sessionsOf(room, cacheOf({})).viewerOf(token)).toMatchObject({ right: 'FROM_CACHE' });
    expect(room.asked).toEqual(['access-changes']);
  });

  it('is not used where the person’s access has changed since', async () => {
    const room = aRoom();
    const sessions = sessionsOf(room, cacheOf({}));
    await sessions.viewerOf(token);
    room.change(() => (room.state.right = 'MANAGER'));
    later(lease);
    expect(await sessions.viewerOf(token)).toMatchObject({ right: 'MANAGER' });
  });

  it.each([
    ['is of before what this gateway has heard', { revision: 6 }],
    ['is due to be told of a use', { touchIn: 0 }],
  ])('is not used where it %s', async (_what, found) => {
    const room = aRoom();
    expect(await sessionsOf(room, cacheOf(found)).viewerOf(token)).toMatchObject({ right: 'CASEWORKER' });
  });
});

describe('the cookie of a session', () => {
  const [own, planted] = ['o'.repeat(43), 'p'.repeat(43)];

  it('over HTTPS is the one that no neighbour in the domain can plant, and no other is read', () => {
    expect(tokenOf({ cookie: `sluse_session=${planted}; __Host-sluse_session=${own}` }, true)).toBe(own);
    expect(tokenOf({ cookie: `sluse_session=${planted}` }, true)).toBeNull();
  });

  it('on the loopback has its plain name', () => {
    expect(tokenOf({ cookie: `sluse_session=${own}` }, false)).toBe(own);
  });
});
