// What every page does beyond plain HTML: it polls what may change, sends a choice at once, and has its keys.
// Nothing here is needed to work: without it, every link and form still leads where it says.

import "htmx.org";
import { startPolling } from "./polling.js";
import { startKeys } from "./keys.js";
import { startMenus } from "./menus.js";
import { startOnce } from "./once.js";
import { startPrinting } from "./printing.js";
import { startTasks } from "./task.js";

document.documentElement.classList.add("scripted");
startPolling();
startKeys();
startMenus();
startOnce();
startPrinting();
startTasks();
