// index.mjs: VitePress' own theme with the reader's fonts, and the machine.
import DefaultTheme from "vitepress/theme-without-fonts";
import "./style.css";

export default {
    extends: DefaultTheme,
};
