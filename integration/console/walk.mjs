// Walks through the console in a browser: every page at each width in both colour schemes, then a
// replay by keys and clicks alone. It reads what to do from its one argument, as JSON, and prints
// what is wrong, a line each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const todo = JSON.parse(process.argv[2]);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wrong = (where, what) => console.log(`${where}: ${what}`);

const browser = await puppeteer.launch({ executablePath: todo.browser, args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"] });
try {
  const page = await browser.newPage();
  let at = "";
  page.on("pageerror", (e) => wrong(at, `script: ${e}`));
  page.on("console", (m) => m.type() === "error" && wrong(at, `browser: ${m.text()}`));

  const open = async (path, status = 200) => {
    const answer = await page.goto(todo.base + path, { waitUntil: "load" });
    if (answer.status() !== status) wrong(at, `status ${answer.status()}, want ${status}`);
  };

  for (const [name, path] of Object.entries(todo.pages)) {
    for (const width of todo.widths) {
      for (const scheme of ["light", "dark"]) {
        at = `${name}, ${width} wide, ${scheme}`;
        await page.setViewport({ width, height: 900 });
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await open(path);
        await page.screenshot({ path: `${todo.out}/${name}-${width}-${scheme}.png`, fullPage: true });
        const beyond = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
        if (beyond > 0) wrong(at, `${beyond} pixels beyond the window`);
        await page.evaluate(axe);
        const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] }));
        for (const v of found.violations) for (const n of v.nodes) wrong(at, `${v.id}: ${n.target}: ${n.failureSummary}`);
        if (found.passes.length < 10) wrong(at, `only ${found.passes.length} rules looked at anything`);
      }
    }
  }

  at = "the walk";
  await page.setViewport({ width: 1440, height: 900 });
  await open("/console/");
  await page.keyboard.press("/");
  await page.keyboard.type(todo.sku);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  if (!page.url().endsWith("/console/skus/" + todo.sku)) wrong(at, `searching for a SKU leads to ${page.url()}`);
  await page.focus("main");
  await page.keyboard.press("g");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("d")]);
  if (!page.url().endsWith("/console/letters")) wrong(at, `g d leads to ${page.url()}`);
  const follow = async (selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
  await follow('a[href^="/console/letters/groups/"]');
  await page.type('form[action$="/replay"] [name=by]', "anna");
  await page.type('form[action$="/replay"] [name=why]', "the walk");
  await follow('form[action$="/replay"] button');
  await page.waitForFunction(() => document.querySelector(".tag.completed"), { timeout: todo.patience }); // the page fetches itself
  await page.screenshot({ path: `${todo.out}/job-1440-light.png`, fullPage: true });
  await follow('a[href="/console/orders/' + todo.order + '"]');
  const status = await page.$eval(".tag", (e) => e.textContent);
  if (status !== "HELD") wrong(at, `the order that was replayed is ${status}`);
} finally {
  await browser.close();
}
