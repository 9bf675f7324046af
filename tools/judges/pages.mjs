// pa11y (axe and HTML_CodeSniffer) over every page of a list: [{name, url, cookie}] on standard input, what it found as JSON on
// standard output. One Chromium of this machine for all of them; nothing is downloaded.
import pa11y from "pa11y";
import puppeteer from "puppeteer";
import { text } from "node:stream/consumers";

const pages = JSON.parse(await text(process.stdin));
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const found = [];
for (const { name, url, cookie } of pages) {
  const page = await browser.newPage();
  try {
    const judged = await pa11y(url, {
      browser,
      page,
      standard: "WCAG2AA",
      runners: ["axe", "htmlcs"],
      headers: cookie ? { Cookie: cookie } : {},
      timeout: 60000,
      chromeLaunchConfig: {},
    });
    found.push(...judged.issues.map(({ code, message, context, runner, runnerExtras }) => ({ name, code, message, context, runner, asks: !!runnerExtras?.needsFurtherReview })));
  } catch (error) {
    found.push({ name, code: "not judged", message: String(error), context: "", runner: "pa11y", asks: false });
  } finally {
    await page.close();
  }
}
await browser.close();
process.stdout.write(JSON.stringify(found));
