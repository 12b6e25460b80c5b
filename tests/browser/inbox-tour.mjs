// Uses the inbox of examples/inbox on demo data, in a real Chromium: node inbox-tour.mjs GATEWAY_URL [--pictures FOLDER]
//
// Searches without accents, uses the filters, navigates the list by keyboard, and uses a narrow screen. Prints {"ok":true}, or the
// error and exits with 1. `--pictures` saves screenshots, light and dark.

import { parseArgs } from 'node:util';
import { openBrowser, until } from './browser.mjs';
import { serveInbox } from './vite.mjs';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { pictures: { type: 'string' } } });
const [gateway] = positionals;
if (!gateway) throw new Error('usage: node inbox-tour.mjs GATEWAY_URL [--pictures FOLDER]');

const folded = text => text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd').replaceAll('Đ', 'D').toLowerCase();
const assert = (holds, what) => {
  if (!holds) throw new Error(what);
};

const { origin, server } = await serveInbox(gateway);
const { page, context, violations } = await openBrowser(origin, { viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
const rows = page.locator('[data-conversation]');
const names = () => page.locator('.row-name').allTextContents();

/** Saves a screenshot in each colour scheme. */
async function picture(name) {
  if (!options.pictures) return;
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `${options.pictures}/${name}-${colorScheme}.png` });
  }
}

async function openFirst() {
  await rows.first().click();
  await page.locator('[data-message]').first().waitFor();
  await page.locator('.profile, .side-customer .empty').first().waitFor();
}

async function search() {
  const accented = await until(page, 'a name with accents', async () => (await names()).find(name => folded(name) !== name.toLowerCase()));
  const field = page.getByRole('searchbox');
  const count = async () => Number((await page.locator('.total').textContent()).replaceAll(',', ''));
  const before = await count();
  await page.keyboard.press('/');
  assert(await field.evaluate(field => field === document.activeElement), '/ does not focus the search field');
  await page.keyboard.type(folded(accented));
  await until(page, `${accented}, searched as ${folded(accented)}`, async () => {
    const found = await names();
    return found.includes(accented) && (await count()) < before / 2;
  });
  await field.fill('no such words at all');
  await page.getByText('Nothing here').waitFor();
  await field.fill('');
  await rows.first().waitFor();
  return accented;
}

async function filter() {
  await page.getByRole('button', { name: 'Filters' }).click();
  const panel = page.locator('.filter-panel');
  const zalo = panel.getByRole('button', { name: 'Zalo', exact: false }).first();
  await zalo.click();
  const marks = page.locator('.row .mark');
  await until(page, 'conversations of Zalo alone', async () => {
    const shown = await marks.evaluateAll(marks => marks.map(mark => mark.getAttribute('aria-label')));
    return shown.length > 0 && shown.every(name => name === 'Zalo');
  });
  await zalo.click();
  const staff = panel.getByLabel('Assigned to');
  const [id, name] = await until(page, 'staff', () =>
    staff.evaluate(({ options }) => options.length > 1 && [options[1].value, options[1].text.replace(/ \(\d+\)$/, '')]),
  );
  await staff.selectOption(id);
  await until(page, `conversations of ${name}`, async () => {
    const shown = await page.locator('.row-foot').allTextContents();
    return shown.length > 0 && shown.every(foot => foot.includes(name));
  });
  await page.getByRole('button', { name: 'Clear' }).click();

  // Filters by the customer: the customer of the first conversation is shown beside it.
  const status = panel.getByLabel('Customer status');
  const chosen = await until(page, 'statuses', () => status.evaluate(({ options }) => options[1]?.value));
  await status.selectOption(chosen);
  await openUntil(`a customer who is ${chosen}`, async () => (await page.locator('.statuses').textContent()).includes(chosen));
  await page.getByLabel('Customer field').selectOption('cf_points');
  await page.getByLabel('At least').fill('50');
  await openUntil('a customer with 50 points', async () => Number(await page.locator('.fields div', { hasText: 'Points' }).locator('dd').textContent()) >= 50);
  assert((await page.locator('.statuses').textContent()).includes(chosen), 'the filters are not combined');
  await picture('filters');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('button', { name: 'Filters' }).click();
  return name;
}

/** Opens the first conversation until its customer fulfils the condition: the list changes some time after the filter. */
const openUntil = (what, holds) =>
  until(page, what, async () => {
    if ((await rows.count()) === 0) return false;
    await openFirst();
    return (await page.locator('.profile').count()) > 0 && holds();
  });

async function useKeys() {
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  const id = await page.evaluate(() => document.activeElement.dataset.conversation);
  assert(id, 'the arrow key does not focus a row');
  await page.keyboard.press('Enter');
  await page.locator(`[data-conversation="${id}"][aria-current="true"]`).waitFor();
}

async function narrow() {
  await page.setViewportSize({ width: 400, height: 860 });
  for (const view of ['Inbox', 'Conversation', 'Customer', 'Activity']) {
    await page.getByRole('navigation').getByRole('link', { name: view }).click();
    const shown = { Inbox: '.pane-inbox', Conversation: '.pane-conversation', Customer: '.side-customer', Activity: '.chart svg' };
    await page.locator(shown[view]).first().waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert(width === 400, `${view} is ${width} px wide on a screen of 400`);
    await picture(`narrow-${view.toLowerCase()}`);
  }
  await page.goBack();
  await page.locator('.side-customer').waitFor();
}

try {
  await page.goto(origin);
  await rows.first().waitFor();
  await page.locator('.chart .recharts-bar-rectangle').first().waitFor();
  await openFirst();
  await picture('wide');
  const found = await search();
  const staff = await filter();
  await useKeys();
  await narrow();
  assert(violations.length === 0, 'the page violated a restriction');
  console.log(JSON.stringify({ ok: true, found, staff }));
} catch (error) {
  const text = await page.evaluate(() => document.body.innerText).catch(() => '(the page is gone)');
  console.log(JSON.stringify({ ok: false, error: error.message, violations, text }));
  process.exitCode = 1;
} finally {
  await context.browser().close();
  await server.close();
}
