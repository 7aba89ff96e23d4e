// index.mjs: VitePress' own theme with the reader's fonts, and the machine.
import { defineAsyncComponent } from "vue";
import DefaultTheme from "vitepress/theme-without-fonts";
import MachineHere from "./MachineHere.vue";
import StepMachine from "./StepMachine.vue";
import "./style.css";
import "./levels/workshop.css";
import "./print.css";
import "./here.css";

export default {
    extends: DefaultTheme,
    enhanceApp({ app }) {
        app.component("MachineHere", MachineHere);
        app.component("StepMachine", StepMachine);
        app.component("BootSector", defineAsyncComponent(() => import("./BootSector.vue")));
    },
};
