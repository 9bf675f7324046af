// A worker: tries numbers until PBKDF2 gives the start that was asked (ALTCHA, protocol 2). Says how far it is, then the answer.
"use strict";
const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

const derived = async (asked, salt, password) => {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const rule = { name: "PBKDF2", hash: "SHA-256", salt, iterations: asked.cost };
  return hex(await crypto.subtle.deriveBits(rule, key, asked.keyLength * 8));
};

addEventListener("message", async ({ data }) => {
  const asked = data.parameters;
  const nonce = bytes(asked.nonce);
  const salt = bytes(asked.salt);
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  for (let counter = 0; counter <= asked.data.most; counter += 1) {
    new DataView(password.buffer).setUint32(nonce.length, counter);
    const derivedKey = await derived(asked, salt, password);
    if (derivedKey.startsWith(asked.keyPrefix)) {
      postMessage({ answer: btoa(JSON.stringify({ challenge: data, solution: { counter, derivedKey } })) });
      return;
    }
    if (counter % 20 === 0) postMessage({ part: counter / asked.data.most });
  }
  throw new Error("no answer");
});
