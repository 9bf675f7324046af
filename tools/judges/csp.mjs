// csp_evaluator over the policy on standard input: what it found, as JSON, the gravest first. 10 is high, 100 is information.
import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { CspParser } from "csp_evaluator/dist/parser.js";
import { text } from "node:stream/consumers";

const policy = new CspParser((await text(process.stdin)).trim()).csp;
const found = new CspEvaluator(policy).evaluate();
process.stdout.write(JSON.stringify(found.map(({ directive, value, description, severity }) => ({ directive, value, description, severity }))));
