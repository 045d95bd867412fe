import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { openWorld, type World } from '../support/world.js';
import { apollo, describeInBrowser, openBrowser, openPage } from './browser.js';

let world: World;
let browser: Browser;
let page: Page;
let problems: string[];

const sessionCookie = 'sluse_session';

const signInAs = async (person: string) => {
  await page.goto(world.url);
  await page.click(`button[data-person="${person}"]`);
  await page.waitForURL(`${world.url}/sandbox`);
};
const shown = (selector: string, text: RegExp) => page.locator(selector).filter({ hasText: text }).waitFor();
const answerIn = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()";
/** Runs what stands in the explorer, and reads the answer from the page. */
const run = async () => {
  await page.click('.graphiql-execute-button');
  return shownAnswer();
};
const shownAnswer = async () => {
  for (const until = Date.now() + 20_000; Date.now() < until; await wait(50)) {
    const text: string = await page.evaluate(answerIn);
    if (text) return JSON.parse(text);
  }
  throw new Error('the explorer shows no answer within 20 s');
};
/** Replaces what stands in an editor, as somebody does who pastes; the page must have come to rest, or it still fills the editors. */
const write = async (editor: string, text: string) => {
  await page.waitForLoadState('networkidle');
  await page.click(`${editor} .CodeMirror`);
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
};
const session = async () => (await page.context().cookies()).find(({ name }) => name === sessionCookie);
const statusWith = async (token: string): Promise<number> =>
  (await world.post('/graphql', { query: '{ viewer { actingIn { code } } }' }, { authorization: `Bearer ${token}` }))
    .status;

describeInBrowser('in a real browser', () => {
  beforeAll(async () => {
    [world, browser] = await Promise.all([openWorld({ shielded: true }), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
  beforeEach(async () => {
    ({ page, problems } = await openPage(browser));
  });
  afterEach(async () => {
    await page.context().close();
    // Neither an error of our own scripts nor anything that our own Content-Security-Policy forbids them.
    expect(problems).toEqual([]);
  });

  it('the sign-in page lists everyone, by role, with what each may see', async () => {
    await page.goto(world.url);
    const people = await page.$$eval('.people li', (items) =>
      items.map((item) => ({
        role: item.querySelector('h2')?.textContent,
        may: item.querySelector('p')?.textContent,
        key: item.querySelector('button')?.dataset.person,
      })),
    );
    expect(people).toEqual(demoPeople.map(({ role, may, key }) => ({ role, may, key })));
    expect(people.length).toBeGreaterThanOrEqual(15);
  });

  it('a click signs in as that person: the explorer says who, and the cookie is out of the reach of scripts', async () => {
    await signInAs('placement-secretary');
    await shown('#who', /./);
    const { body } = await world.ask(
      'placement-secretary',
      '{ viewer { actor { ... on Employee { name } } actingIn { code } } }',
    );
    expect(await page.textContent('#who')).toBe(`${body.data.viewer.actor.name}, ${body.data.viewer.actingIn.code}`);
    expect(await session()).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', secure: false, expires: -1 });
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  it('the explorer is served from here alone, runs the example, and keeps nothing on the disk of the machine', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await signInAs('guidance-worker');
    const { data, errors } = await run();
    expect(errors).toBeUndefined();
    expect(data.citizen.cases.totalCount).toBe(1);
    expect(data.citizen.cases.nodes[0]).toMatchObject({ clearance: 'EXISTENCE', title: null });
    expect(new Set(asked.filter((origin) => origin !== 'null'))).toEqual(new Set([world.url]));
    expect(await page.evaluate('[localStorage.length, sessionStorage.length]')).toEqual([0, 0]);
  });

  it('the purpose in the field for headers is what the log says', async () => {
    await signInAs('guidance-worker');
    await write('.graphiql-editor-tool .graphiql-editor:not(.hidden)', '{"x-purpose": "Rådgivning i explorer"}');
    await run();
    const logged = await world.database.sql<{ purpose: string }>(
      `SELECT purpose FROM audit.entry_details WHERE operation_name = 'ACitizen' AND purpose LIKE '%explorer'`,
    );
    expect(logged).toEqual([{ purpose: 'Rådgivning i explorer' }]);
  });

  it('it knows the schema: what is misspelt is marked, and the documentation names the types', async () => {
    await signInAs('guidance-worker');
    await page.click('button[aria-label="Show Documentation Explorer"]');
    await shown('.graphiql-doc-explorer', /Query/);
    await write('.graphiql-query-editor', '{ citizn }');
    await page.waitForSelector('.graphiql-query-editor .CodeMirror-lint-mark-error');
  });

  it('two people get two answers to the same question', async () => {
    const totals: number[] = [];
    for (const person of ['guidance-worker', 'cleared-security-officer']) {
      await signInAs(person);
      totals.push((await run()).data.citizen.cases.totalCount);
    }
    expect(totals).toEqual([1, 4]);
  });

  it('signing out leads back to the people, and the session is dead, not only forgotten', async () => {
    await signInAs('guidance-worker');
    const token = (await session())!.value;
    expect(await statusWith(token)).toBe(200);
    await page.click('#sign-out');
    await page.waitForURL(`${world.url}/`);
    expect(await session()).toBeUndefined();
    expect(await statusWith(token)).toBe(401);
  });

  it('signing in as somebody else ends the session before', async () => {
    await signInAs('guidance-worker');
    const token = (await session())!.value;
    await signInAs('manager');
    expect((await session())!.value).not.toBe(token);
    expect(await statusWith(token)).toBe(401);
  });

  it('the keyboard alone is enough: to sign in, to ask, to sign out, and one sees where one is', async () => {
    await page.goto(world.url);
    const focused = () => page.locator(':focus');
    await page.keyboard.press('Tab');
    expect(await focused().getAttribute('data-person')).toBe(demoPeople[0]!.key);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Tab');
    expect(await focused().getAttribute('data-person')).toBe(demoPeople[1]!.key);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${world.url}/sandbox`);
    await page.waitForSelector('#sign-out:not([hidden])');
    const places: string[] = [];
    for (let step = 0; step < 3; step += 1) {
      await page.keyboard.press('Tab');
      places.push((await focused().getAttribute('id')) ?? (await focused().textContent()) ?? '');
    }
    expect(places).toEqual(['Sluse', 'apollo', 'sign-out']);
    await page.locator('.graphiql-query-editor textarea').first().focus();
    await page.keyboard.press('Control+Enter');
    await page.locator('.result-window').filter({ hasText: 'totalCount' }).waitFor();
    await page.focus('#sign-out');
    await page.keyboard.press('Space');
    await page.waitForURL(`${world.url}/`);
  });

  it('Apollo’s Sandbox is one click away, set up for this gateway, with a script of ours and a frame of theirs', async () => {
    const frames: string[] = [];
    await page.unroute(apollo);
    await page.route(apollo, (route) => {
      frames.push(route.request().url());
      return route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Sandbox</title>' });
    });
    await signInAs('administrator');
    await page.click('#apollo');
    await page.waitForURL(`${world.url}/sandbox/apollo`);
    await page.waitForSelector('#sandbox iframe');
    const frame = new URL((await page.getAttribute('#sandbox iframe', 'src'))!);
    expect([frame.origin, frame.searchParams.get('endpoint'), frame.searchParams.get('runTelemetry')]).toEqual([
      'https://sandbox.embed.apollographql.com',
      `${world.url}/graphql`,
      'false',
    ]);
    expect(await page.$$eval('script', (scripts) => scripts.map((script) => new URL(script.src).origin))).toEqual([
      world.url,
      world.url,
    ]);
    expect(frames.some((url) => url.startsWith(frame.origin))).toBe(true);
  });

  it('a stranger in the explorer is told to sign in, by the page and by the gateway, and is offered no sign-out', async () => {
    await page.goto(`${world.url}/sandbox`);
    await shown('#who', /./);
    expect(await page.textContent('#who')).toBe('not signed in');
    expect(await page.isVisible('#sign-out')).toBe(false);
    expect((await run()).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    // Chromium itself reports an answer of 401 on the console.
    problems.splice(0, problems.length, ...problems.filter((text) => !text.includes('401 (Unauthorized)')));
  });

  it.each([
    ['desktop', { width: 1280, height: 900 }],
    ['a telephone', { width: 390, height: 844 }],
  ])('no page is wider than %s', async (name, size) => {
    await page.setViewportSize(size);
    await page.goto(world.url);
    const fits = () => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
    expect(await fits()).toBe(true);
    const folder = process.env.SLUSE_TEST_SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/sign-in-${size.width}.png`, fullPage: true });
    await signInAs('guidance-worker');
    await run();
    if (folder) await page.screenshot({ path: `${folder}/sandbox-${size.width}.png`, fullPage: true });
    expect([name, await fits()]).toEqual([name, true]);
  });
});
