import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { demoAtNemLogin } from '../../subgraphs/demo/nemlogin.js';
import { dataDirectory, endAll, ownerUrl, type RunningSluse, startSluse } from '../support/processes.js';
import { describeInBrowser, openBrowser, openPage } from './browser.js';

/** Sluse as `npm start` starts it, with the stand-in of NemLog-in beside it. */
let sluse: RunningSluse;
let directory: string;
let browser: Browser;
let page: Page;
let problems: string[];

const people = demoAtNemLogin();
const nameOf = (key: string) => people.find((person) => person.key === key)!.name;
const token = async () =>
  (await page.context().cookies()).find(({ name }) => name === 'sluse_session')?.value ?? 'none-at-all-of-this-length';
const statusWith = async (one: string) => (await sluse.ask(one, '{ viewer { actingIn { code } } }')).status;
const ways = { employee: 'Log på med NemLog-in', citizen: 'Log på som borger' };

/** From the start page to the list of people. */
const toNemLogin = async (way: string = ways.employee) => {
  await page.goto(sluse.url);
  await page.getByRole('link', { name: way }).click();
  await page.waitForSelector('h1:text-is("Log på")');
  return new URL(page.url()).origin;
};
const pick = (key: string) => page.click(`button[value="${key}"]`);
const arrived = async (key: string) => {
  await page.waitForURL(`${sluse.url}/sandbox`);
  await page
    .locator('#who')
    .filter({ hasText: nameOf(key) })
    .waitFor();
};
const forgive = (text: string) => problems.splice(0, problems.length, ...problems.filter((one) => !one.includes(text)));
const shot = async (name: string) => {
  const folder = process.env.SLUSE_TEST_SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/sign-in-${name}.png`, fullPage: true });
};
const asOwner = async (sql: string) => {
  const client = new pg.Client({ connectionString: await ownerUrl(directory) });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

describeInBrowser('signing in through NemLog-in', () => {
  beforeAll(async () => {
    directory = await dataDirectory();
    [sluse, browser] = await Promise.all([startSluse({ SLUSE_DATA_DIR: directory }), openBrowser()]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await endAll();
  }, 60_000);
  beforeEach(async () => {
    ({ page, problems } = await openPage(browser));
  });
  afterEach(async () => {
    await page.context().close();
    expect(problems).toEqual([]);
  });

  it('there and back: from the start page to the list, to the Sandbox, and out again at both ends', async () => {
    const idp = await toNemLogin();
    expect(idp).not.toBe(sluse.url);
    await pick('administrator');
    await arrived('administrator');
    expect((await page.context().cookies()).find(({ name }) => name === 'sluse_session')).toMatchObject({
      httpOnly: true,
      sameSite: 'Lax',
    });
    const session = await token();
    expect(await statusWith(session)).toBe(200);
    await page.click('#sign-out');
    await page.waitForSelector('h1:text-is("Du er logget af")');
    expect(new URL(page.url()).origin).toBe(sluse.url);
    expect(await page.textContent('main p')).toBe('Du er logget af her og hos NemLog-in.');
    await shot('signed-out');
    expect(await statusWith(session)).toBe(401);
    await page.goto(idp);
    expect(await page.textContent('#who')).toBe('Du er ikke logget på.');
  });

  it('a second sign-in goes straight through, with a session of its own; the one before is over', async () => {
    await toNemLogin();
    await pick('manager');
    await arrived('manager');
    const first = await token();
    await page.goto(sluse.url);
    await page.getByRole('link', { name: ways.employee }).click();
    await arrived('manager');
    expect(await token()).not.toBe(first);
    expect(await statusWith(first)).toBe(401);
    expect(await statusWith(await token())).toBe(200);
  });

  it('after some time without activity one says anew who one is, although NemLog-in still knows it', async () => {
    await toNemLogin();
    await pick('security-officer');
    await arrived('security-officer');
    const first = await token();
    await asOwner(`UPDATE identity.session SET last_used_at = now() - interval '16 minutes'`);
    await page.waitForTimeout(1_100);
    await page.reload();
    await page.getByRole('link', { name: 'Log på igen' }).click();
    await page.waitForSelector('#confirms');
    expect(await page.textContent('#confirms')).toContain(nameOf('security-officer'));
    await pick('security-officer');
    await arrived('security-officer');
    expect(await statusWith(first)).toBe(401);
    forgive('401 (Unauthorized)');
  });

  it('signing out at NemLog-in ends the session here', async () => {
    const idp = await toNemLogin();
    await pick('guidance-worker');
    await arrived('guidance-worker');
    const session = await token();
    await page.goto(idp);
    await page.click('text=Log af');
    await page.waitForURL(/\/slo\?/);
    expect(await page.textContent('main p')).toBe('Du er logget af her og hos tjenesten.');
    await page.waitForTimeout(1_100);
    expect(await statusWith(session)).toBe(401);
  });

  it('a citizen is offered citizens, and sees who one is', async () => {
    await toNemLogin(ways.citizen);
    expect(await page.getByRole('region', { name: 'Borgere' }).getByRole('button').count()).toBe(2);
    expect(await page.getByText('Korsbæk Kommune').count()).toBe(0);
    await pick('citizen');
    await arrived('citizen');
  });

  it('the old account is asked for once: wrong, then right, and never again', async () => {
    await toNemLogin();
    await pick('smdb-reporter');
    await page.waitForURL(/\/first-sign-in\?/);
    const submit = page.getByRole('button', { name: 'Knyt kontoen til mit NemLog-in' });
    await page.getByLabel('Gammelt brugernavn').fill('rus01');
    await page.getByLabel('Gammel adgangskode').fill('not this one');
    await submit.click();
    await page.getByRole('alert').filter({ hasText: 'passer ikke sammen' }).waitFor();
    expect(await page.getByLabel('Gammel adgangskode').inputValue()).toBe('');
    await shot('first-wrong');
    await page.getByLabel('Gammel adgangskode').fill('gammelt-kodeord-1');
    await page.keyboard.press('Enter');
    await arrived('smdb-reporter');
    await page.goto(sluse.url);
    await page.getByRole('link', { name: ways.employee }).click();
    await arrived('smdb-reporter');
    await page.goto(`${sluse.url}/first-sign-in?return=/sandbox`);
    await arrived('smdb-reporter');
  });

  it('somebody without an old account says so once', async () => {
    await toNemLogin();
    await pick('smdb-health');
    await page.waitForURL(/\/first-sign-in\?/);
    await page.getByRole('button', { name: 'Jeg havde ingen konto' }).click();
    await arrived('smdb-health');
    await page.goto(sluse.url);
    await page.getByRole('link', { name: ways.employee }).click();
    await arrived('smdb-health');
  });

  it('nobody is led away from the first sign-in to another site', async () => {
    await page.goto(`${sluse.url}/first-sign-in?return=${encodeURIComponent('//thief.example/')}`);
    expect(await page.getAttribute('#link', 'data-return')).toBe('/sandbox');
    await page.getByRole('alert').filter({ hasText: 'Du er ikke logget på længere' }).waitFor();
    forgive('401 (Unauthorized)');
  });

  it.each([
    ['an employee', ways.employee, '/login'],
    ['a citizen', ways.citizen, '/login?as=citizen'],
  ])('%s who cancels is told so, and led back the same way', async (_who, way, path) => {
    await toNemLogin(way);
    await page.click('#cancel');
    await page.waitForURL(`${sluse.url}/saml/acs`);
    await page.waitForSelector('h1:text-is("Du afbrød log på")');
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Prøv igen' }).getAttribute('href')).toBe(path);
    await shot('cancelled');
    expect(await token()).toBe('none-at-all-of-this-length');
  });

  it('going back after signing in leads on, as who one is', async () => {
    await toNemLogin();
    await pick('manager');
    await arrived('manager');
    const before = await token();
    // To the page of NemLog-in that posts the answer: it posts the one that was used.
    await page.goBack();
    await arrived('manager');
    expect(await token()).toBe(before);
    expect(await statusWith(before)).toBe(200);
  });

  it('a sign-in that fails says nothing of why, but by what number it is found in the log', async () => {
    await page.goto(sluse.url);
    await page.evaluate(`{
      const form = Object.assign(document.createElement('form'), { method: 'post', action: '/saml/acs' });
      form.append(Object.assign(document.createElement('input'), { name: 'SAMLResponse', value: 'AAAA' }));
      document.body.append(form);
      form.submit();
    }`);
    await page.waitForURL(`${sluse.url}/saml/acs`);
    expect(await page.getByRole('alert').textContent()).toBe(
      'Svaret fra NemLog-in kunne ikke bruges. Forsøget er registreret.',
    );
    const reference = await page.textContent('#reference');
    expect(reference).toMatch(/^[\da-f-]{36}$/);
    await shot('refused');
    expect(await page.content()).not.toMatch(/SAML_/);
    const officer = await sluse.signIn('cleared-security-officer');
    const { data } = (await (
      await sluse.ask(officer, '{ rejectedAttempts(first: 20) { nodes { requestId faults } } }')
    ).json()) as { data: { rejectedAttempts: { nodes: { requestId: string; faults: string[] }[] } } };
    const found = data.rejectedAttempts.nodes.filter(({ requestId }) => requestId === reference);
    expect(found).toEqual([{ requestId: reference, faults: ['SIGN_IN_REFUSED', 'SIGN_IN_OTHER_BROWSER'] }]);
    expect(await token()).toBe('none-at-all-of-this-length');
    forgive('403 (Forbidden)');
  });
});
