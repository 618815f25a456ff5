
"use strict";
// Shows the findings of the block "data". Every text goes into the page as text, never as markup.
(() => {
  const PRIORITIES = ["High", "Medium", "Low"];
  // How many packages, causes and vulnerabilities are drawn before you want more.
  const ROWS = 200, CAUSES = 40, MANY = 400;
  const FIXES = { fix: "has a fix", channel: "fix in a channel the host lacks", none: "no fix" };
  const number = new Intl.NumberFormat("en").format;
  const find = (id) => document.getElementById(id);
  const many = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

  function el(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") node.addEventListener(key, value);
      else if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== ""));
    return node;
  }

  // ---- the data ----

  function read() {
    // A verification has none.
    const none = '{"fields":[],"shared":[],"about":[],"statements":[],"upto":{},"rows":[]}';
    const data = JSON.parse(find("data")?.textContent ?? none);
    const shared = data.shared.map((values) => {
      const of = {};
      data.fields.forEach((name, index) => { of[name] = values[index]; });
      of.rank = PRIORITIES.indexOf(of.priority);
      of.fix = of.fixed_version === null ? "none" : of.channel === null ? "fix" : "channel";
      of.words = [of.package, of.version, of.instance, of.source, of.fixed_version, of.cause, of.priority, of.purl,
        of.fix_state, of.channel, ...of.advisories, ...of.assumptions].join("\n").toLowerCase();
      return of;
    });
    const about = data.about.map(([id, aliases, links, vectors]) => (
      { id, aliases, links: new Map(links), vectors, words: [id, ...aliases].join("\n").toLowerCase() }));
    const findings = [];
    for (let at = 0; at < data.rows.length; at += 3) {
      const of = shared[data.rows[at]], statements = data.statements[data.rows[at + 2]] ?? null;
      findings.push({ of, about: about[data.rows[at + 1]], statements, state: statements ? "suppressed" : of.status });
    }
    const groups = new Map();
    for (const finding of findings) {
      const group = groups.get(finding.of.instance);
      if (group) group.all.push(finding);
      else groups.set(finding.of.instance, { of: finding.of, all: [finding], order: groups.size });
    }
    return { shared, about, findings, groups: [...groups.values()], upto: data.upto };
  }

  const { shared, about, findings, groups, upto } = read();
  const chosen = { words: "", priority: new Set(PRIORITIES), state: new Set(["affected", "undecidable"]), fix: "",
    presence: "" };
  const order = { by: "High", down: true };
  const open = new Set();

  // ---- which findings are shown, and in which order ----

  function selected() {
    const words = chosen.words.toLowerCase().split(/\s+/).filter(Boolean);
    // Each text is looked through once, however many findings have it.
    for (const part of [shared, about]) for (const one of part) one.has = words.map((word) => one.words.includes(word));
    for (const of of shared) {
      of.fits = chosen.priority.has(of.priority) && (!chosen.presence || of.presence === chosen.presence) &&
        (!chosen.fix || of.fix === chosen.fix || of.fix_state === chosen.fix);
    }
    const fits = ({ of, about, state }) =>
      of.fits && chosen.state.has(state) && words.every((_, index) => of.has[index] || about.has[index]);
    const shown = [];
    for (const group of groups) {
      group.shown = group.all.filter(fits);
      if (!group.shown.length) continue;
      group.counts = [0, 0, 0];
      for (const { of } of group.shown) group.counts[of.rank] += 1;
      shown.push(group);
    }
    return shown.sort(by[order.by]);
  }

  const counted = (...ranks) => (a, b) => {
    for (const rank of ranks) {
      const difference = b.counts[rank] - a.counts[rank];
      if (difference) return order.down ? difference : -difference;
    }
    return a.order - b.order;
  };
  const named = new Intl.Collator("en", { numeric: true }).compare;
  const by = {
    Package: (a, b) => (order.down ? -1 : 1) * named(a.of.instance, b.of.instance),
    High: counted(0, 1, 2), Medium: counted(1, 0, 2), Low: counted(2, 0, 1),
    Findings: (a, b) => (order.down ? -1 : 1) * (a.shown.length - b.shown.length) || a.order - b.order,
  };

  // ---- the table ----

  /** Puts what `draw` makes of some things into a place, so many at once, and a button for more. */
  function drawn(things, most, draw, place, button) {
    let at = 0;
    const more = button(() => { step(); more.isConnected && more.focus(); });
    function step() {
      place.append(...things.slice(at, at + most).flatMap(draw));
      at += most;
      if (at >= things.length) more.remove();
      else more.firstChild.data = `Show more: ${number(things.length - at)} left`;
    }
    if (things.length > most) place.after?.(more);
    step();
    return more;
  }

  const moreButton = (click) => el("button", { type: "button", class: "more", click }, "Show more");

  function table(shown) {
    const body = el("tbody");
    const heads = ["Package", "Installed", "Fixed in", ...PRIORITIES, "Findings"].map((name) => {
      const sorted = order.by === name && (order.down ? "descending" : "ascending");
      const number = name in by && name !== "Package";
      const inside = name in by ? el("button", { type: "button", click: () => sort(name) }, name) : name;
      return el("th", { scope: "col", class: `${number ? "number" : ""} ${name.split(" ")[0]}`, "aria-sort": sorted }, inside);
    });
    const caption = el("caption", { class: "unseen" }, "Findings by package. The button of a package opens its details.");
    const node = el("table", { class: "findings" }, caption, el("thead", {}, el("tr", {}, heads)), body);
    const place = el("div", {}, node);
    drawn(shown, ROWS, row, { append: (...rows) => body.append(...rows), after: (more) => place.append(more) }, moreButton);
    return place;
  }

  function sort(name) {
    order.down = order.by === name ? !order.down : name !== "Package";
    order.by = name;
    show();
    [...document.querySelectorAll("table.findings th button")].find((one) => one.textContent === name).focus();
  }

  function row(group) {
    const { of, shown } = group;
    const opened = open.has(of.instance);
    const button = el("button", { type: "button", class: "package", "aria-expanded": String(opened) }, of.package);
    const fix = fixOf(group);
    const cell = el("th", { scope: "row" }, button, el("span", { class: "sub" }, el("bdi", {}, of.arch ?? ""),
      ...(of.presence === "installed" ? [] : [tag(of.presence)])),
    el("span", { class: "sub narrow" }, el("bdi", {}, of.version), " \u2192 ", fix.cloneNode(true)));
    const line = el("tr", { class: "group" }, cell, el("td", { class: "Installed" }, el("bdi", {}, of.version)),
      el("td", { class: "Fixed" }, fix),
      PRIORITIES.map((name, rank) => el("td", { class: `number ${group.counts[rank] ? name.toLowerCase() : "zero"} ${name}` },
        number(group.counts[rank]))),
      el("td", { class: "number Findings" }, number(shown.length)));
    line.addEventListener("click", (event) => {
      const elsewhere = event.target.closest("a, button") ?? button;
      if (elsewhere === button && !String(getSelection())) toggle(group, line, button);
    });
    return opened ? [line, below(group)] : [line];
  }

  function toggle(group, line, button) {
    const opened = open.delete(group.of.instance);
    if (opened) line.nextElementSibling.remove();
    else { open.add(group.of.instance); line.after(below(group)); }
    button.setAttribute("aria-expanded", String(!opened));
  }

  function fixOf({ of, shown }) {
    const versions = new Set(shown.filter((one) => one.of.fix === "fix").map((one) => one.of.fixed_version));
    if (!versions.size) {
      const states = new Set(shown.map((one) => one.of.fix === "channel" ? one.of.channel : one.of.fix_state));
      return el("span", { class: "nofix" }, [...states].join(", "));
    }
    const [first] = versions;
    if (versions.size === 1) return el("bdi", {}, first);
    const last = upto[of.instance];
    const count = `${number(versions.size)} versions`;
    return versions.has(last) ? el("span", {}, el("bdi", {}, last), el("span", { class: "sub" }, `the last of ${count}`))
      : el("span", {}, count);
  }

  // ---- details ----

  const tag = (text, kind = "") => el("span", { class: `tag ${kind}` }, text);
  const pairs = (entries) => el("dl", {}, entries.filter(([, value]) => value !== null && value.length !== 0)
    .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  const code = (text) => el("code", {}, text);

  function link(id, url) {
    if (!/^https?:\/\//.test(url ?? "")) return el("bdi", {}, id);
    return el("a", { href: url, rel: "noopener noreferrer" }, id);
  }

  function listed(nodes) {
    return nodes.flatMap((node, index) => index ? [", ", node] : [node]);
  }

  function below(group) {
    const { of, shown } = group;
    const causes = new Map();
    for (const finding of shown) {
      const key = finding.statements ?? finding.of;
      causes.get(key)?.push(finding) ?? causes.set(key, [finding]);
    }
    const place = el("div", { class: "causes" });
    const inside = el("td", { colspan: 7 }, el("h3", {}, of.package, " ", el("bdi", {}, of.version)), pairs([
      ["Instance", code(of.instance)],
      ["Package URL", code(of.purl)],
      ["Source", of.source === null ? null : el("bdi", {}, `${of.source} ${of.source_version ?? ""}`)],
      ["Found at", listed(of.locations.map(code))],
      ["Layer", of.layer === null ? null : el("span", {}, code(of.layer.digest), ` ${of.layer.history ?? ""}`)],
    ]), place);
    const command = shown.find((one) => one.of.fix_command !== null)?.of.fix_command;
    if (command) place.before(commandOf(command));
    drawn([...causes.values()], CAUSES, (some) => [cause(some)], place, moreButton);
    return el("tr", { class: "below" }, inside);
  }

  function cause(some) {
    const [{ of, about, statements }] = some;
    const url = (id) => some.map((one) => one.about.links.get(id)).find(Boolean);
    const tags = [
      ...(of.known_exploited ? [tag("known exploited", "high")] : []),
      ...(of.presence === "installed" ? [] : [tag(`${of.presence} kernel`)]),
      ...(of.pending_restart ? [tag("fixed, restart pending", "medium")] : []),
      ...(of.status === "affected" ? [] : [tag(of.status, "medium")]),
      ...(of.channel === null ? [] : [tag(`fixed in ${of.channel}`)]),
      ...of.assumptions.map((one) => tag(`assumed: ${one}`, "medium")),
      ...(statements ? [tag("suppressed")] : []),
    ];
    // Most have an id and nothing else: these need no table.
    const plain = some.every(({ about }) => !about.aliases.length && !about.vectors.length);
    const alone = plain && some.length === 1;
    const list = plain ? el("ul", { class: "ids" }) : el("tbody");
    const whole = plain ? list : el("table", { class: "vulnerabilities" }, el("thead", {}, el("tr", {},
      ["Vulnerability", "Also known as", "Rated"].map((name) => el("th", { scope: "col" }, name)))), list);
    const node = el("article", { class: `cause ${of.priority.toLowerCase()}` },
      el("h4", {}, el("span", { class: `badge ${of.priority.toLowerCase()}` }, of.priority), " ",
        ...(alone ? [link(about.id, about.links.get(about.id)), el("bdi", { class: "reason" }, of.cause)]
          : [el("bdi", {}, of.cause)])),
      tags.length ? el("p", { class: "tags" }, tags) : null,
      statements ? el("ul", {}, statements.map((one) => el("li", {}, one))) : null,
      alone ? null : whole, evidence(of, url));
    if (alone) return node;
    const draw = ({ about }) => [plain ? el("li", {}, link(about.id, about.links.get(about.id))) : vulnerability(about)];
    drawn(some, MANY, draw, { append: (...rows) => list.append(...rows), after: (more) => whole.after(more) }, moreButton);
    return node;
  }

  function vulnerability(about) {
    const rated = about.vectors.map(([source, type, vector]) =>
      el("div", {}, code(vector), " ", el("span", { class: "muted" }, vector.startsWith("CVSS:") ? source : `${type}, ${source}`)));
    return el("tr", {}, el("th", { scope: "row" }, link(about.id, about.links.get(about.id))),
      el("td", {}, listed(about.aliases.map((id) => link(id, about.links.get(id))))), el("td", {}, rated));
  }

  function evidence(of, url) {
    const { evidence } = of;
    const range = [["from", evidence.introduced], ["before", evidence.fixed], ["up to", evidence.last_affected]]
      .filter(([, version]) => version !== null).map(([word, version]) => `${word} ${version}`).join(" ");
    const epss = of.epss === null ? "" : `, EPSS ${(100 * of.epss).toFixed(1)}%`;
    return el("details", {}, el("summary", {}, "Evidence"), pairs([
      ["Priority", `${of.priority} (${of.rule}, ${of.basis}): ${of.priority_reason}`],
      ["Score", of.score === null ? (epss ? epss.slice(2) : null) : `${of.score.toFixed(1)}${epss}`],
      ["Fix", of.fixed_version === null ? of.fix_state : `${of.fixed_version} (${of.fix_state})`],
      ["Advisories", listed(of.advisories.map((id) => link(id, url(id))))],
      ["Decided by", `${evidence.advisory}: ${evidence.names} package ${evidence.name}, ${range || "every version"}; ` +
        `compared with ${evidence.installed}`],
      ["Rules", evidence.notes.map((note) => el("div", {}, `${note.rule}: ${note.text}`))],
      ["Restart", of.restart],
      ["Published", of.published?.slice(0, 10) ?? null],
      ["Changed last", of.modified?.slice(0, 10) ?? null],
      ["Refused vectors", listed(of.vectors_refused.map(code))],
    ]));
  }

  // ---- commands, theme, print ----

  function commandOf(text) {
    return copyable(el("pre", { class: "command", tabindex: 0 }, text));
  }

  function copyable(pre) {
    const text = pre.textContent;
    const button = el("button", { type: "button", class: "copy", click: async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(pre);
        button.textContent = "Selected: copy it";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    } }, "Copy");
    const place = el("div", { class: "copyable" });
    pre.replaceWith(place);
    place.append(pre, button);
    return place;
  }

  function themes() {
    const words = ["system", "light", "dark"], button = find("theme");
    let at = 0;
    try { at = Math.max(0, words.indexOf(localStorage.getItem("theme"))); } catch { /* A file may have no storage. */ }
    const set = () => {
      document.documentElement.dataset.theme = words[at];
      button.textContent = `Theme: ${words[at]}`;
    };
    button.addEventListener("click", () => {
      at = (at + 1) % words.length;
      try { localStorage.setItem("theme", words[at]); } catch { /* It holds for this time alone. */ }
      set();
    });
    set();
  }

  /** What paper shows: every package that is chosen, each cause with its vulnerabilities. */
  function printed(group) {
    const causes = new Map();
    for (const { of, about } of group.shown) causes.get(of)?.push(about.id) ?? causes.set(of, [about.id]);
    const lines = [...causes].map(([of, ids]) => el("li", {}, `${of.priority}: ${of.cause}: ${ids.join(", ")}`));
    return [row(group)[0], el("tr", { class: "below" }, el("td", { colspan: 7 }, el("ul", {}, lines)))];
  }

  // ---- filters ----

  function choices(legend, kind, names, counts) {
    return el("fieldset", {}, el("legend", {}, legend), names.map((name) => el("label", { class: `chip ${name.toLowerCase()}` },
      el("input", { type: "checkbox", checked: chosen[kind].has(name), change: (event) => {
        chosen[kind][event.target.checked ? "add" : "delete"](name);
        show();
      } }), ` ${name} `, el("span", { class: "count" }, number(counts.get(name) ?? 0)))));
  }

  function choice(label, kind, options) {
    const id = `by-${kind}`;
    return el("div", {}, el("label", { for: id }, label), el("select", { id, change: (event) => {
      chosen[kind] = event.target.value;
      show();
    } }, options.map(([value, words]) => el("option", { value }, words))));
  }

  function tally(of) {
    const counts = new Map();
    for (const finding of findings) counts.set(of(finding), (counts.get(of(finding)) ?? 0) + 1);
    return counts;
  }

  function filters() {
    const form = find("filters");
    const states = tally((one) => one.state), fixes = tally((one) => one.of.fix);
    const words = tally((one) => one.of.fix_state), presences = tally((one) => one.of.presence);
    const shown = (counts, label = (name) => name) =>
      [...counts].map(([name, count]) => [name, `${label(name)} (${number(count)})`]);
    form.replaceChildren(...[
      el("div", { class: "grow" }, el("label", { for: "words" }, "Search"), el("input", { type: "search", id: "words",
        placeholder: "package, vulnerability, advisory, version", autocomplete: "off", spellcheck: "false",
        input: (event) => { chosen.words = event.target.value; show(); } })),
      choice("Fix", "fix", [["", "any"], ...shown(fixes, (name) => FIXES[name]),
        ...shown(new Map([...words].filter(([name]) => name !== "fixed")), (name) => `no fix: ${name}`)]),
      presences.size > 1 ? choice("Presence", "presence", [["", "any"], ...shown(presences)]) : null,
      choices("Priority", "priority", PRIORITIES, tally((one) => one.of.priority)),
      states.size > 1 ? choices("State", "state", [...states.keys()], states) : null,
      el("button", { type: "button", id: "clear", click: clear }, "Clear"),
    ].filter(Boolean));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
  }

  function clear() {
    Object.assign(chosen, { words: "", fix: "", presence: "", priority: new Set(PRIORITIES),
      state: new Set(["affected", "undecidable"]) });
    filters();
    show();
    find("words").focus();
  }

  let later = 0;
  function show() {
    const shown = selected(), count = shown.reduce((sum, group) => sum + group.shown.length, 0);
    const hidden = chosen.state.has("suppressed") ? 0 : findings.filter((one) => one.state === "suppressed").length;
    const without = hidden ? ` ${many(hidden, "suppressed finding")} not among them.` : "";
    const words = `${number(count)} of ${many(findings.length - hidden, "finding")}, in ${many(shown.length, "package")}.${without}`;
    // A screen reader reads what is left once you stop typing.
    clearTimeout(later);
    later = setTimeout(() => { find("shown").textContent = words; }, find("shown").textContent ? 200 : 0);
    find("table").replaceChildren(shown.length ? table(shown) : el("p", { class: "empty" }, "No finding fits."));
    return shown;
  }

  themes();
  document.querySelector(".tools").hidden = false;
  find("print").addEventListener("click", () => print());
  document.querySelectorAll("pre.command").forEach(copyable);
  // Paper has no folds.
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  if (find("filters")) {
    filters();
    show();
    addEventListener("beforeprint", () => {
      document.querySelector("table.findings tbody")?.replaceChildren(...selected().flatMap(printed));
    });
    addEventListener("afterprint", show);
  }
})();
