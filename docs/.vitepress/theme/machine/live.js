// live.js: which machine of the page runs. There is one at a time.
import { shallowRef } from "vue";

export const live = shallowRef(null);
