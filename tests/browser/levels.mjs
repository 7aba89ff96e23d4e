// levels.mjs SITE SCENARIO: docs/boot-sector.md in Chromium, as a learner uses it.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { levels } from "../../levels/levels.mjs";
import { contrast, serve } from "./served.mjs";

const [site, scenario] = process.argv.slice(2);
const { root, open, elsewhere, missing } = await serve(site);
const solution = (number) => readFileSync(new URL(`../../levels/${levels[number - 1].folder}/solution.asm`, import.meta.url), "utf8");

const phase = (page, name) => page.waitForSelector(`.workshop[data-phase="${name}"]`);
const text = (page, selector) => page.locator(selector).first().innerText();

async function start(number, options) {
    const page = await open(options);
    await page.goto(`${root}boot-sector.html#level=${number}`);
    await phase(page, "ready");
    return page;
}

async function boot(page, source) {
    if (source !== undefined) await page.fill(".editor textarea", source);
    await page.click(".boot");
    await page.waitForSelector(".workshop[data-passed]");
    return page.getAttribute(".workshop", "data-passed");
}

const scenarios = {
    /** Fail, pass, go on; the work is there after a reload; out to a file and in from one. */
    async pass() {
        const page = await start(7);
        assert.equal(await boot(page), "false");
        assert.match(await text(page, ".result"), /CS is still 0000h with a 16-bit limit: the far jump has not been made/);
        assert.equal(await page.locator(".hints[open], .solution[open]").count(), 0);
        assert.equal(await boot(page, solution(7)), "true");
        await page.click(".onward");
        assert.equal(await page.getAttribute(".workshop", "data-level"), "8");
        await page.goto(`${root}boot-sector.html#level=7`);
        await page.reload();
        await phase(page, "ready");
        assert.equal(await page.inputValue(".editor textarea"), solution(7));
        assert.equal(await text(page, ".levels .now"), "✓");
        const [download] = await Promise.all([page.waitForEvent("download"), page.click(".save")]);
        assert.equal(download.suggestedFilename(), "level-07.asm");
        assert.equal(readFileSync(await download.path(), "utf8"), solution(7));
        const file = join(tmpdir(), "level-03.asm");
        writeFileSync(file, solution(3));
        await page.setInputFiles(".import input", file);
        assert.equal(await page.getAttribute(".workshop", "data-level"), "3");
        assert.equal(await boot(page), "true");
        await page.done();
    },

    /** Instruction by instruction: the line, and what changed. */
    async step() {
        const page = await start(7);
        await page.fill(".editor textarea", solution(7));
        const lines = [];
        for (let count = 0; count <= 8; count++) {
            await page.click(".single");
            await page.waitForFunction((wanted) => document.querySelector(".where").innerText.includes(`${wanted} instructions so far`), count);
            lines.push(Number(await page.getAttribute(".line.current", "data-line")));
        }
        assert.deepEqual(lines, [5, 6, 7, 8, 9, 10, 11, 12, 16]);
        assert.deepEqual(await page.locator(".processor .changed dt").allInnerTexts(), ["EIP", "CS"]);
        assert.match(await text(page, ".segments"), /CS\s+0008 +base 00000000 +limit FFFFFFFF +32-bit/);
        await page.click(".memory button:has-text('GDT')");
        assert.match(await text(page, ".memory pre"), /FF FF 00 00 00 9A CF 00/);
        await page.click(".on");
        await page.waitForSelector(".workshop[data-passed=true]");
        await page.done();
    },

    /** What NASM does not understand; a triple fault; and the machine works again after it. */
    async trouble() {
        const page = await start(1);
        assert.equal(await boot(page, solution(1).replace("int 0x10", "print 'A'")), "false");
        assert.match(await text(page, ".result"), /Line 8 .*NASM knows no instruction of this name/);
        assert.equal(await page.getAttribute(".line.wrong", "data-line"), "8");
        await page.click(".levels button[aria-label^='Level 12,']");
        assert.equal(await boot(page, solution(12)), "true");
        assert.equal(await text(page, ".vga .reset"), "reset");
        await page.click(".levels button[aria-label^='Level 1,']");
        assert.equal(await boot(page, solution(1)), "true");
        assert.equal((await text(page, ".vga pre")).trim()[0], "A");
        await page.done();
    },

    /** Without a mouse. */
    async keyboard() {
        const page = await start(1);
        await page.locator(".editor textarea").focus();
        await page.keyboard.press("Control+A");
        await page.keyboard.insertText(solution(1));
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector(".workshop[data-passed=true]");
        await page.keyboard.press("Escape");
        await page.keyboard.press("Shift+Tab");
        assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "TEXTAREA");
        await page.locator(".boot").focus();
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter"); // Step
        await phase(page, "stepping");
        const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
        assert.ok(parseFloat(outline) >= 2, outline);
        await page.done();
    },

    /** On a telephone nothing scrolls sideways; light and dark, all can be read. */
    async looks() {
        for (const colorScheme of ["light", "dark"]) {
            const page = await start(8, { colorScheme, viewport: { width: 390, height: 844 } });
            await boot(page);
            await page.click(".hints summary");
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "scrolls sideways");
            for (const selector of [".goal", ".result .banner", ".where", ".t-comment", ".t-word", ".t-register", ".t-number", ".t-label",
                ".processor dt", ".processor dd", ".changed dt", ".memory b", ".hints li", ".boot", ".levels button", ".levels .now"])
                assert.ok(await contrast(page, selector) >= 4.5, `${colorScheme}: ${selector} ${await contrast(page, selector)}`);
            await page.done();
        }
    },
};

try {
    await scenarios[scenario]();
    assert.deepEqual(elsewhere, [], "the page asks other servers");
    assert.deepEqual(missing, [], "the site lacks files");
    process.exit(0);
} catch (error) {
    console.error(error);
    process.exit(1);
}
