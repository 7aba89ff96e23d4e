// page.mjs SITE SCENARIO: opens the page of the machine in Chromium and does what a reader would. Exit
// status 0 when all was as it should be. `pictures FOLDER` writes the pictures of the documentation.
import assert from "node:assert/strict";
import { join } from "node:path";
import { PHONE, contrast, folder, goTo, noSideways, open, phase, root, run, shown, start, steps, stoppedAt, text } from "./browser.mjs";

/** What is marked at a step: registers by name, and the sentence. */
async function changed(page, number, names, words) {
    await goTo(page, number);
    assert.equal(await page.locator(".registers tr.changed:not(.bits) th").allInnerTexts().then(String), names);
    assert.match(await text(page, ".words"), words);
}

const scenarios = {
    /** Next from the first step to the last, Back to the first, and on: the same is shown each time. */
    async walk() {
        const page = await start();
        const first = [];
        for (const step of steps) {
            await stoppedAt(page, step.number);
            const now = await shown(page);
            assert.ok(now.step.includes(step.name) && now.step.includes(step.code), now.step);
            assert.ok(now.screen.includes(`Step ${step.number} of ${steps.length}: ${step.name}`), now.screen);
            assert.ok((await text(page, ".why")).includes(step.without));
            assert.equal(await page.locator(".rail [aria-current=step]").innerText(), String(step.number));
            first.push(now);
            if (step.number < steps.length) await page.click(".next");
        }
        for (let number = steps.length - 1; number >= 1; number--) {
            await page.click(".back");
            await stoppedAt(page, number);
            assert.deepEqual(await shown(page), first[number - 1]);
        }
        assert.ok(await page.locator(".back").isDisabled());
        await goTo(page, 9);
        assert.deepEqual(await shown(page), first[8]);
        await page.click(".next"); // this time the machine runs, and does not only show what was kept
        await stoppedAt(page, 10);
        assert.equal((await shown(page)).step, first[9].step);
        await page.done();
    },

    /** What changed is marked, and each drawing is there when it is what the step is about. */
    async drawings() {
        const page = await start();
        await goTo(page, 5);
        assert.match(await text(page, ".map"), /00100000–00FFFFFF\s+15 MB\s+usable/);
        await goTo(page, 9);
        assert.equal(await page.locator(".registers tr.changed th").allInnerTexts().then(String), "CR0");
        assert.equal(await text(page, ".bit.flip"), "PE 0 → 1");
        assert.equal(await page.locator(".descriptors > li").count(), 5);
        assert.equal(await page.locator(".descriptors > li.news").count(), 0);
        await goTo(page, 8);
        assert.equal(await page.locator(".descriptors > li.news").count(), 5);
        await goTo(page, 10);
        assert.match(await text(page, ".descriptors li.used .fields"), /63\s+00\s+base 31:24\s+55\s+1\s+G/);
        await goTo(page, 14);
        assert.equal(await text(page, ".bit.flip"), "PG 0 → 1");
        assert.equal(await page.locator(".ranges .box:not(.physical)").count(), 2);
        await changed(page, 12, "", /^2 ranges of linear addresses are in the page tables, which nothing uses while CR0.PG is 0\.$/);
        await changed(page, 13, "CR3,CR4", /^CR3 is now 0001C000; CR4\.PSE is now 1\.$/);
        assert.match(await text(page, ".paging .note"), /Not in use: CR0\.PG is 0\./);
        await changed(page, 14, "CR0", /2 ranges of linear addresses are mapped now; the processor has set A and D in entry \[000\]/);
        assert.match(await text(page, ".paging .note"), /^In use\./);
        assert.match(await text(page, ".paging .used"), /\[000\]\s+00000000–003FFFFF\s+AD/);
        assert.equal(await page.locator(".ranges .place").textContent(), "EIP ESP");
        await changed(page, 15, "EIP,ESP", /^EIP is now C01\w{5}; ESP is now C01\w{5}; .* A and D in entry \[300\]\.$/);
        await changed(page, 16, "CR0,GDTR", /; 7 rows of the GDT are new or changed/);
        assert.equal(await page.locator(".descriptors > li:not(.news)").count(), 3, "null, code and data are as before");
        await changed(page, 17, "IDTR", /; 256 rows of the IDT are new or changed/);
        assert.match(await text(page, ".gates tr.news >> nth=14"), /0E\s+#PF\s+interrupt\s+0008:C01/);
        await goTo(page, 19);
        assert.ok(await page.locator(".ranges .box.gone").count() >= 1);
        await goTo(page, 22);
        assert.match(await text(page, ".registers"), /FRAME\s+[0-9A-F]{8}\/0000001B\/00000202\/[0-9A-F]{8}\/00000023/);
        assert.equal(await page.locator(".registers tr.changed").count(), 0);
        await changed(page, 24, "CS,SS,EIP,ESP,EFLAGS", /CS is now 0008/);
        await goTo(page, 25);
        assert.equal(await page.locator(".registers tr.changed:not(.bits) th").allInnerTexts().then(String), "PTE");
        assert.equal(await text(page, ".bit.flip"), "RW 0 → 1");
        await page.done();
    },

    /** On a small screen the drawing of the step is above the fold, and no larger panel repeats it. */
    async fold() {
        const viewport = { width: 1280, height: 720 };
        const page = await start({ viewport });
        for (const [number, drawing] of [[5, ".memory .bar"], [8, ".descriptors"], [10, ".descriptors"], [12, ".ranges"], [14, ".ranges"],
            [15, ".ranges"], [16, ".descriptors"], [17, ".gates"], [18, ".ranges"], [19, ".ranges"]]) {
            await goTo(page, number);
            const { y, height } = await page.locator(`.machine .main ${drawing}`).first().boundingBox();
            assert.ok(y + Math.min(height, 250) <= viewport.height, `step ${number}: ${drawing} is at ${y}`);
            assert.equal(await page.locator(".screen.whole[open]").count(), 0, "says what the panels say");
        }
        await goTo(page, 23); // with the longest values
        const [card, table] = await Promise.all([".card:has(> .registers)", ".registers"].map((box) => page.locator(box).boundingBox()));
        assert.ok(table.x + table.width <= card.x + card.width, "the registers are wider than their card");
        await page.done();
    },

    /** A fault in the kernel ends the machine, and the page says so. A program that prints the same does not. */
    async fault() {
        const page = await start();
        await page.click("text=Run");
        await phase(page, "ready");
        const type = async (line) => {
            await page.fill("#typed-line", line);
            await page.press("#typed-line", "Enter");
        };
        await type("echo System halted.");
        await page.waitForFunction(() => /^System halted\. *$/m.test(document.querySelector(".whole .vga pre").innerText));
        await page.waitForTimeout(1000);
        await phase(page, "ready");
        await page.click(".call");
        await type("fault ud");
        await phase(page, "ended");
        assert.equal(await page.locator(".banner.good").count(), 0);
        assert.match(await text(page, ".banner.bad"), /The machine has stopped/);
        assert.match(await text(page, ".whole .vga pre"), /System halted\./);
        await page.click(".back");
        await stoppedAt(page, 1);
        await page.done();
    },

    /** Break it: a triple fault is shown as one, Back recovers; a report is on the screen. */
    async break() {
        const page = await start();
        await goTo(page, 9);
        const before = await shown(page);
        await page.click(".break");
        await phase(page, "asked");
        assert.ok((await text(page, ".banner.warn")).includes(steps[8].breaks));
        const outcome = () => page.evaluate((words) => document.body.textContent.includes(words), steps[8].outcome);
        assert.ok(!await outcome(), "nobody has answered yet");
        assert.ok(await page.locator(".controls .next").isDisabled());
        await page.keyboard.press("ArrowRight");
        await page.click("[data-answer=on]");
        assert.ok(await outcome());
        await page.click(".next");
        await phase(page, "reset");
        assert.match(await text(page, ".banner.bad"), /Triple fault: the processor resets/);
        assert.match(await text(page, ".banner.bad"), /The far jump raises #NP.*You expected it goes on\. /);
        for (const selector of [".happened", ".count", ".instruction code", ".instruction a"])
            assert.ok(await contrast(page, ".step.gone " + selector) >= 4.5, "what was cannot be read any more");
        await page.click(".back");
        await stoppedAt(page, 9);
        assert.deepEqual(await shown(page), before);
        await page.click(".next");
        await stoppedAt(page, 10);

        await goTo(page, 19);
        await page.click(".break");
        await phase(page, "asked");
        await page.click("[data-answer=report]");
        await page.click(".next");
        await phase(page, "ended");
        assert.match(await text(page, ".banner.bad"), /You expected the kernel's report of an exception: right\./);
        assert.match(await text(page, ".whole .vga pre"), /#PF/);
        await page.click(".restart");
        await stoppedAt(page, 1);
        await page.done();
    },

    /** Run to the prompt, run a program, ask the monitor something, and go back. */
    async run() {
        const page = await start();
        await goTo(page, 3);
        await page.click("text=Run");
        await phase(page, "ready");
        await page.click(".serial summary");
        assert.match(await text(page, ".serial pre"), /@READY init/);
        assert.ok(!(await text(page, ".serial pre")).includes("\x1b"));
        const answers = async (line, wanted) => {
            await page.fill("#typed-line", line);
            await page.press("#typed-line", "Enter");
            await page.waitForFunction((text) => document.querySelector(".whole .vga pre").innerText.includes(text), wanted);
        };
        await answers("hello", "hello from hello, process ");
        await page.click(".call");
        await answers("va2pa c0100000", "physical 00100000");
        await answers("continue", "monitor> continue");
        await answers("echo it goes on", "\nit goes on");
        await page.click(".back");
        await stoppedAt(page, 3);
        await page.done();
    },

    /** Without a mouse. */
    async keyboard() {
        const page = await start();
        for (const [key, number] of [["Space", 2], ["ArrowRight", 3], ["ArrowLeft", 2], ["ArrowRight", 3], ["ArrowRight", 4],
            ["ArrowRight", 5], ["ArrowRight", 6], ["ArrowRight", 7], ["ArrowRight", 8]]) {
            await page.keyboard.press(key);
            await stoppedAt(page, number);
        }
        await page.keyboard.press("b");
        await phase(page, "asked");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter"); // the first answer
        await page.keyboard.press("ArrowRight");
        await stoppedAt(page, 9); // the damage shows at the far jump
        await page.keyboard.press("ArrowRight");
        await phase(page, "reset");
        await page.keyboard.press("ArrowLeft");
        await stoppedAt(page, 8);
        assert.match(await text(page, ".spoken"), /Step 8 of 25, gdt-load: .*GDTR is now/);
        // Every button is reached with Tab, and one sees where one is.
        await page.locator(".controls .back").focus();
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate(() => document.activeElement.className), "next");
        const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
        assert.ok(parseFloat(outline) >= 2, outline);
        await page.keyboard.press("Enter");
        await stoppedAt(page, 9);
        await page.keyboard.press("r");
        await phase(page, "ready");
        await page.done();
    },

    /** A telephone: nothing scrolls sideways, and the buttons are large enough for a finger. */
    async phone() {
        const page = await start({ viewport: PHONE, hasTouch: true });
        for (const number of [1, 5, 9, 10, 12, 16, 19]) {
            await goTo(page, number);
            await noSideways(page);
        }
        for (const button of await page.locator(".controls button").all()) {
            const { x, width, height } = await button.boundingBox();
            assert.ok(height >= 40 && x >= 0 && x + width <= PHONE.width, await button.innerText());
        }
        for (const other of ["", "architecture.html", "reference/step-protocol.html", "source/stage2/handover.asm.html"]) {
            await page.goto(root + other);
            await noSideways(page);
        }
        await page.done();
    },

    /** Light and dark: all text can be read in both. */
    async colours() {
        for (const colorScheme of ["light", "dark"]) {
            const page = await start({ colorScheme });
            await goTo(page, 9);
            assert.equal(await page.evaluate(() => document.documentElement.classList.contains("dark")), colorScheme === "dark");
            for (const selector of [".happened", ".count", ".registers tr.changed th", ".registers tr:not(.changed) td",
                ".bit.flip", ".place", ".why p", ".next", ".back", ".break", ".rail .now", ".note", ".instruction a"]) {
                const ratio = await contrast(page, ".machine " + selector);
                assert.ok(ratio >= 4.5, `${colorScheme} ${selector}: ${ratio.toFixed(2)}`);
            }
            await page.done();
        }
    },

    /** The link of a step leads to the marked line of the source, in the site itself. */
    async source() {
        const page = await start();
        await goTo(page, 9);
        await page.click(".instruction a");
        await page.waitForURL(/source\/stage2\/handover\.asm\.html#L\d+$/);
        const line = page.locator(".line:target");
        assert.match(await line.innerText(), /step: pe-set/);
        assert.equal(await line.getAttribute("id"), `L${steps[8].line}`);
        await page.goto(root + "sdm-index.html");
        await page.click("main a[href*='source/']");
        await page.waitForSelector(".line:target");
        await page.done();
    },

    /** Search finds words of the pages, without a network. */
    async search() {
        const page = await open();
        await page.goto(root);
        await page.keyboard.press("Control+k");
        await page.fill(".VPLocalSearchBox input", "E820");
        await page.waitForSelector(".VPLocalSearchBox .result");
        await page.done();
    },

    /** The documentation's pictures. */
    async pictures() {
        let page = await start({ viewport: { width: 1200, height: 1010 } });
        await goTo(page, 9);
        const { x, y, width } = await page.locator(".machine").boundingBox();
        await page.screenshot({ path: join(folder, "browser-step.png"), clip: { x: x - 12, y: y - 8, width: width + 24, height: 800 } });
        await page.done();
        page = await start({ viewport: PHONE, colorScheme: "dark" });
        await goTo(page, 14);
        await page.locator(".rail").evaluate((element) => element.scrollIntoView());
        await page.screenshot({ path: join(folder, "browser-phone.png") });
        await page.done();
    },
};

await run(scenarios);
