// browser.mjs: a site in Chromium: a server for its files, pages of a browser, and what a reader does and sees.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { chromium } = createRequire(new URL("../../docs/package.json", import.meta.url))("playwright-core");
export const DESKTOP = { width: 1280, height: 900 }, PHONE = { width: 360, height: 740 };
const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", css: "text/css", json: "application/json",
    wasm: "application/wasm", svg: "image/svg+xml", png: "image/png" };
const elsewhere = []; // requests that leave the site
const missing = [];

/** Serves a folder as any server of plain files does. Returns the address of its root. */
async function serve(site) {
    const server = createServer((request, response) => {
        let path = join(site, decodeURI(new URL(request.url, "http://x").pathname));
        if (existsSync(path) && statSync(path).isDirectory()) path = join(path, "index.html");
        if (!existsSync(path)) return response.writeHead(404).end();
        response.writeHead(200, { "content-type": TYPES[path.split(".").pop()] ?? "application/octet-stream" });
        response.end(readFileSync(path));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${server.address().port}/`;
}

export const [site, scenario, folder] = process.argv.slice(2);
export const root = site.startsWith("http:") ? site : await serve(site);
export const steps = (await (await fetch(root + "machine/machine.json")).json()).steps;

/** A page in a browser of its own, as nobody has used before. */
export async function open(options = {}) {
    const profile = mkdtempSync(join(tmpdir(), "ascent-browser-"));
    const context = await chromium.launchPersistentContext(profile, {
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, viewport: DESKTOP,
        args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--disable-quic"], ...options });
    const page = context.pages()[0];
    page.profile = profile;
    page.setDefaultTimeout(30000);
    page.on("request", (request) => {
        if (!request.url().startsWith(root) && !/^(data|blob):/.test(request.url())) elsewhere.push(request.url());
    });
    page.on("response", (response) => { if (response.status() >= 400) missing.push(response.url()); });
    page.done = async () => {
        await context.close();
        rmSync(profile, { recursive: true, force: true });
    };
    return page;
}

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

/** Contrast of an element's text with what is behind it (WCAG 2.1, success criterion 1.4.3). */
export const contrast = (page, selector) => page.locator(selector).first().evaluate((element) => {
    const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = (colour) => {
        const [r, g, b] = channels(colour).map((c) => c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let behind = element;
    while (behind.parentElement && (channels(getComputedStyle(behind).backgroundColor)[3] ?? 1) < 1) behind = behind.parentElement;
    const [low, high] = [luminance(getComputedStyle(element).color),
        luminance(getComputedStyle(behind).backgroundColor)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
});

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
