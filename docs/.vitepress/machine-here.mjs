// machine-here.mjs: what the pages show of a machine (a screen of step mode, what the monitor or a program
// says), the site offers to do in the page. The pages stay plain Markdown: scripts/gen-docs fills in the
// text between `<!-- BEGIN step 09 -->` and `<!-- END step -->`, and here both become the component
// MachineHere, with the text in it.

const BEGIN = /^<!-- BEGIN (step|monitor|sh|small) (.*?) -->\s*$/;
const END = /^<!-- END (step|monitor|sh|small) -->\s*$/;

// v86 has no task gate, through which a PC would name the fault.
const NOT_IN_V86 = ["fault stack-overflow"];

/** What a comment offers: the button's text, and the place in the boot as in theme/machine/link.js. */
function offerOf(page, comment) {
    const [, kind, argument] = BEGIN.exec(comment) ?? [];
    if (kind === undefined || NOT_IN_V86.includes(argument)) return null;
    const goal = kind === "step" ? { step: Number(argument) } : { [kind === "monitor" ? "monitor" : "run"]: argument };
    const label = page === "index.md" ? "Step through the boot" : kind === "step" ? `Step ${goal.step}: go through it here`
        : kind === "monitor" ? "Ask the monitor here" : "Run it here";
    return { kind, argument, goal, label };
}

/** All that a page offers, in its order. */
export function offers(page, text) {
    return text.split("\n").map((line) => offerOf(page, line)).filter((offer) => offer !== null);
}

const attribute = (value) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

export function machineHere(markdown) {
    markdown.core.ruler.push("machine-here", (state) => {
        let open = false;
        for (const token of state.tokens.filter(({ type }) => type === "html_block")) {
            const offer = offerOf(state.env.relativePath, token.content);
            if (offer) {
                token.content = `<MachineHere label="${offer.label}" :goal="${attribute(JSON.stringify(offer.goal))}">\n`;
                open = true;
            } else if (open && END.test(token.content)) {
                token.content = "</MachineHere>\n";
                open = false;
            }
        }
    });
}
