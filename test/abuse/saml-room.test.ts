/**
 * The memory of signing in, held by the real identity room: what a fake in this process cannot promise. A response is good
 * once, whatever is posted at once, at how many gateways, and whoever was restarted in between.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentity } from '../../subgraphs/demo/identity.js';
import { makeCitizens, makeEmployees } from '../../subgraphs/demo/people.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { makeIdentityRoom } from '../../subgraphs/identity/index.js';
import { eid } from '../support/nemlogin.js';
import { openRoom, type RoomUnderTest } from '../support/room.js';
import { citizen, uuid } from '../support/saml.js';
import { openSamlGateway, type SamlGateway } from '../support/saml-gateway.js';

let room: RoomUnderTest;
let gateways: readonly SamlGateway[];
const open = (identity: RoomUnderTest) => openSamlGateway({ identity: (name, body) => identity.internal(name, body) });
beforeAll(async () => {
  room = await openRoom(makeIdentityRoom(), (database) =>
    seed(database.url, { shielded: true }, () => ({
      identity: makeIdentity({ citizens: makeCitizens().slice(0, 2), employees: makeEmployees() }),
    })).then(() => {}),
  );
  gateways = [await open(room), await open(room)];
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await room.close();
});

const sessions = async () => {
  const [row] = await room.database.sql<{ count: number }>(
    'SELECT count(*)::int AS count FROM identity.session WHERE closed_at IS NULL',
  );
  return row!.count;
};
/** A browser that has begun at the first gateway, and the answer of the identity provider. */
async function aSignIn() {
  const [gateway] = gateways as [SamlGateway];
  const browser = gateway.browser();
  const { request } = await browser.begin('?as=citizen');
  const said = { nameId: `${eid}person/uuid/${uuid}`, attributes: citizen };
  return { browser, answer: await gateway.idp.respond(gateway.service, request, { said }) };
}
/** The same cookies at another gateway. */
function movedTo(gateway: SamlGateway, cookies: ReadonlyMap<string, string>) {
  const browser = gateway.browser();
  for (const [name, value] of cookies) browser.cookies.set(name, value);
  return browser;
}
const reasons = () => gateways.flatMap((gateway) => gateway.logged().map(({ faults }) => faults));

describe('one response', () => {
  it('signs in, with a session of the room', async () => {
    const before = await sessions();
    const { browser, answer } = await aSignIn();
    const response = await browser.acs(answer);
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sandbox']);
    const { viewer } = await room.internal('resolve-session', { token: browser.cookies.get('__Host-sluse_session') });
    expect(viewer).toMatchObject({ actor: { kind: 'Citizen' }, assurance: 'High' });
    expect(await sessions()).toBe(before + 1);
    expect(reasons()).toEqual([]);
  });

  it('that is posted twelve times at once, at two gateways, signs in exactly once; the rest are refused as used', async () => {
    const before = await sessions();
    const { browser, answer } = await aSignIn();
    const posts = Array.from({ length: 12 }, (_none, turn) =>
      movedTo(gateways[turn % 2]!, browser.cookies).acs(answer),
    );
    const statuses = (await Promise.all(posts)).map(({ status }) => status).sort();
    expect(statuses).toEqual([303, ...Array(11).fill(403)]);
    expect(await sessions()).toBe(before + 1);
    expect(reasons()).toEqual(Array(11).fill(['SIGN_IN_REFUSED', 'USED_REQUEST']));
  });

  it('is refused when it comes again, though gateways and room were restarted meanwhile', async () => {
    const { browser, answer } = await aSignIn();
    const cookies = new Map(browser.cookies);
    expect((await browser.acs(answer)).status).toBe(303);
    const before = await sessions();
    const later = await openRoom(makeIdentityRoom(), undefined, { on: room.database });
    const gateway = await openSamlGateway({
      identity: (name, body) => later.internal(name, body),
      idp: gateways[0]!.idp,
    });
    try {
      expect((await movedTo(gateway, cookies).acs(answer)).status).toBe(403);
      expect(gateway.logged().map(({ faults }) => faults)).toEqual([['SIGN_IN_REFUSED', 'USED_REQUEST']]);
      expect(await sessions()).toBe(before);
    } finally {
      await gateway.close();
      await later.close();
    }
  });
});
