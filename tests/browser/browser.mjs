// browser.mjs: a site in Chromium: a server for its files, pages of a browser, and what a reader does and sees.
import assert from "node:assert/strict";
import { serve } from "./served.mjs";

export { contrast } from "./served.mjs";
export const DESKTOP = { width: 1280, height: 900 }, PHONE = { width: 360, height: 740 };
export const [site, scenario, folder] = process.argv.slice(2);
const served = await serve(site);
export const { root } = served;
const { elsewhere, missing } = served;
export const steps = (await (await fetch(root + "machine/machine.json")).json()).steps;

export const open = (options = {}) => served.open({ viewport: DESKTOP, ...options });

// ---- what a reader does and sees ----

export const stoppedAt = (page, number) => page.waitForSelector(`.machine[data-phase="stopped"][data-step="${number}"]`);
export const phase = (page, name) => page.waitForSelector(`.machine[data-phase="${name}"]`);
export const text = (page, selector) => page.locator(selector).first().innerText();

export async function start(options) {
    const page = await open(options);
    await page.goto(root + "step-in-browser.html");
    await stoppedAt(page, 1);
    return page;
}

export async function goTo(page, number) {
    await page.click(`.rail button[aria-label^="Step ${number},"]`);
    await stoppedAt(page, number);
}

/** All that the page shows of a step. */
export async function shown(page) {
    return { step: await text(page, ".step"), screen: await page.locator(".screen.whole .vga pre").textContent(),
        registers: await text(page, ".registers") };
}

export const noSideways = async (page) =>
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "scrolls sideways");

/** Of a file that the scenario itself took away: that it is missing is no news. */
export const forgetMissing = (name) => missing.splice(0, missing.length, ...missing.filter((url) => !url.endsWith(name)));

/** Runs the scenario of the command line, and ends this program. */
export async function run(scenarios) {
    try {
        await scenarios[scenario]();
        assert.deepEqual(elsewhere, [], "the site asks other servers");
        assert.deepEqual(missing, [], "the site lacks files");
        process.exit(0);
    } catch (error) {
        console.error(error);
        process.exit(1);
    }
}
