// Sort keys of vercmp, KEY_VERSION 1: "node keys.js rpm|dpkg|apk|semver" reads a version a line and writes the key of
// each in hexadecimal, "?" where the scheme refuses the version. The layout is that of docs/guide/key-layout.md.
"use strict";

// Blocks of numbers: the first tag, singles, doubles.
const RPM = [0x6c, 114, 24], DPKG = [0x02, 72, 8], DOTTED = [0x96, 83, 8];
const APK = [0x68, 134, 8], REVISION = [0x05, 51, 3], CORE = [0x00, 238, 8], NUMERIC = [0x01, 110, 8];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", OF_TEXT = "-0123456789" + LETTERS;
const OWN_BYTE = { "~": "00", "+": "92", ",": "93", "-": "94", ".~": "95", ".": "fb", "/": "fc", ":": "fd" };
const BELOW = { _alpha: "00", _beta: "01", _pre: "02", _rc: "03" };
const WORDS = { ...BELOW, _cvs: "47", _svn: "48", _git: "49", _hg: "4a", _p: "4b" }, ANY = Object.keys(WORDS).join("|");
const OF_APK = RegExp(`^[0-9]+(\\.[0-9]+)*[a-z]?((${ANY})[0-9]*)*(~[0-9a-f]+)?(-r[0-9]+)?$`);
const TEXTS = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const SEMVER = RegExp(`^([0-9]+)\\.([0-9]+)\\.([0-9]+)(?:-(${TEXTS}))?(?:\\+${TEXTS})?$`);

const hex = (value, bytes = 1) => value.toString(16).padStart(2 * bytes, "0");
const sizeOf = value => Math.ceil(value.toString(16).length / 2);
const each = (text, pattern, item) => (text.match(pattern) || []).map(item).join("");

function number(run, [tag, singles, doubles]) {
  const digits = run.replace(/^0+/, "");
  if (digits.length > 19) {
    const size = sizeOf(digits.length), even = "0".repeat(digits.length % 2) + digits;
    const start = hex(tag + singles + doubles + 9) + hex(size) + hex(digits.length, size);
    return start + each(even, /../g, two => hex(+two));
  }
  const value = BigInt(digits);
  let rest = value;
  for (const [tags, more] of [[singles, 0], [doubles, 1], [2, 2], [2, 3]]) {
    const numbers = BigInt(tags) << BigInt(8 * more);
    if (rest < numbers) return hex((BigInt(tag) << BigInt(8 * more)) + rest, 1 + more);
    rest -= numbers;
    tag += tags;
  }
  const size = sizeOf(value);
  return hex(tag + size - 4) + hex(value, size);
}

const letters = run => each(run, /[^]/g, (c, i) => hex(4 + 2 * LETTERS.indexOf(c) + (i + 1 < run.length ? 1 : 0)));
const segment = text => each(text, /~|\^|[0-9]+|[A-Za-z]+/g, token => token === "~" ? "01" : token === "^" ? "03"
  : /[0-9]/.test(token) ? number(token, RPM) : letters(token)) + "02";

const character = c => LETTERS.includes(c) ? hex(0x5c + LETTERS.indexOf(c))
  : OWN_BYTE[c] || (c >= "\x80" ? "90" : c < "+" ? "91" : "fe") + hex(c.charCodeAt(0));
const part = text => each(/[0-9]$/.test(text) ? text : text + "0", /\.?[0-9]+|\.~|[^]/g, token =>
  !/[0-9]/.test(token) ? character(token)
    : token[0] === "." ? number(token.slice(1), DOTTED) : number(token, DPKG)) + "01";

const leadingZero = digits => {
  const nibbles = each(digits.slice(1), /./g, digit => (+digit + 1).toString(16)) + "0";
  return "67" + nibbles + "0".repeat(nibbles.length % 2);
};
const afterDot = digits => digits === "0" ? "66" : digits[0] === "0" ? leadingZero(digits) : number(digits, APK);
const apkItem = token => WORDS[token] || (token[0] === "." ? afterDot(token.slice(1))
  : token[0] === "~" ? "45" + Buffer.from(token.slice(1)).toString("hex") + "00"
  : token[0] === "-" ? number(token.slice(2), REVISION)
  : /[a-z]/.test(token) ? hex(0x4c + token.charCodeAt(0) - 97) : "46" + number(token, APK));

const KEYS = {
  rpm(version) {
    if (version === "" || version.includes("\0")) return "?";
    const epoch = version.match(/^(?:[0-9]*:)?/)[0], rest = version.slice(epoch.length), dash = rest.lastIndexOf("-");
    return number(epoch.replace(":", ""), RPM)
      + (dash < 0 ? segment(rest) + "00" : segment(rest.slice(0, dash)) + segment(rest.slice(dash + 1)));
  },
  dpkg(version) {
    const text = version.replace(/^[ \t]+/, "").replace(/[ \t]+$/, ""), colon = text.indexOf(":");
    const epoch = colon < 0 ? "0" : text.slice(0, colon), rest = text.slice(colon + 1), dash = rest.lastIndexOf("-");
    const digits = epoch.replace(/^[\n\v\f\r]*[+-]?/, "");
    if (/[ \t\0]/.test(text) || !/^[\n\v\f\r]*(\+?[0-9]+|-0+)$/.test(epoch) || +digits > 0x7fffffff
        || rest === "" || dash === 0 || dash === rest.length - 1) return "?";
    const [upstream, revision] = dash < 0 ? [rest, ""] : [rest.slice(0, dash), rest.slice(dash + 1)];
    return number(digits, DPKG) + part(upstream) + part(revision);
  },
  apk(version) {
    if (!OF_APK.test(version)) return "?";
    const first = version.match(/^[0-9]+/)[0], rest = version.slice(first.length);
    return number(first, APK) + each(rest, /\.[0-9]+|_[a-z]+|~[0-9a-f]+|-r[0-9]+|[0-9]+|[a-z]/g, apkItem)
      + (/-r[0-9]+$/.test(version) ? "" : "04");
  },
  semver(version) {
    const found = SEMVER.exec(version), identifiers = found && found[4] ? found[4].split(".") : [];
    if (!found || [found[1], found[2], found[3], ...identifiers].some(one => /^0[0-9]+$/.test(one))) return "?";
    return found.slice(1, 4).map(run => number(run, CORE)).join("") + (!identifiers.length ? "ff"
      : identifiers.map(one => /^[0-9]+$/.test(one) ? number(one, NUMERIC)
        : each(one, /./g, (c, i) => hex((i ? 0xc0 : 0x81) + OF_TEXT.indexOf(c)))).join("") + "00");
  },
};

// A character for each byte of the UTF-8.
const lines = require("fs").readFileSync(0, "latin1").split("\n").slice(0, -1);
process.stdout.write(lines.map(line => KEYS[process.argv[2]](line) + "\n").join(""));
