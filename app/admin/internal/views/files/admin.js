// What the admin's pages gain from a script. Every page works without it.
"use strict";

(() => {
  // The texts of the page's language, with {name} for what is inserted.
  const text = (key, values = {}) =>
    document.body.dataset["text" + key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const number = (n) => new Intl.NumberFormat(document.documentElement.lang).format(n);

  // The server shows times in the time zone of the browser, from the next page on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.split("; ").includes(`browser_time_zone=${zone}`)) {
    document.cookie = `browser_time_zone=${zone}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  }

  // A double click does not send a form twice: the second one would be a conflict, or store everything again.
  const sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    setTimeout(() => sent.delete(form), 2000);
  });

  // What the server sent, before anything below changes it.
  const regions = new Map([...document.querySelectorAll("[data-live]")].map((region) => [region.id, region.innerHTML]));

  // "/" leads to the search of a list.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const search = document.querySelector("[data-search]");
    if (event.key === "/" && !typing && search && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  // The navigation shows where the current page is in it, and does not scroll the page for that.
  const here = document.querySelector("[data-side] [aria-current]");
  const side = document.querySelector("[data-side]");
  if (here && here.offsetTop + here.offsetHeight > side.clientHeight) side.scrollTop = here.offsetTop - side.clientHeight / 2;

  // Lists: one box selects all rows of the page, and the bar says how many are selected.
  for (const form of document.querySelectorAll("[data-bulk]")) bulk(form);

  function bulk(form) {
    const boxes = [...form.querySelectorAll('tbody input[type="checkbox"]')];
    const head = form.querySelector("thead .pick");
    const told = form.querySelector("[data-chosen]");
    const bar = form.querySelector("[data-bar]");
    const matching = form.querySelector("[data-all]"); // every record that matches, on other pages as well
    if (!head || !boxes.length) return;
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", text("SelectPage"));
    head.replaceChildren(all);
    const update = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      all.checked = chosen === boxes.length;
      all.indeterminate = chosen > 0 && !all.checked;
      told.textContent = chosen && !matching?.checked ? text("Selected", { n: number(chosen) }) : "";
      bar?.classList.toggle("some", chosen > 0);
    };
    matching?.addEventListener("change", () => {
      for (const box of boxes) box.checked = matching.checked;
      update();
    });
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      if (matching && !all.checked) matching.checked = false;
      update();
    });
    let last = null;
    for (const box of boxes) {
      box.addEventListener("click", (event) => {
        if (event.shiftKey && last) {
          const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
          for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
        }
        last = box;
        if (matching && !box.checked) matching.checked = false;
        update();
      });
    }
    update();
  }

  // Pages about jobs follow what changes: an event says that there is another version, and the page takes what is new from
  // that. While nobody looks at the tab it listens to nothing.
  const bar = document.querySelector("[data-events]");
  if (bar) live(bar);

  function live(bar) {
    const told = bar.querySelector("[data-live-state]");
    const toggle = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: text("Pause") });
    bar.querySelector("[data-refresh]").before(toggle);
    let version = bar.dataset.version;
    let stream = null;
    let paused = false;
    let loading = false;
    let again = false;
    let wait = 1000;
    let timer;
    let retry;
    const say = (state) => { if (told.textContent !== state) told.textContent = state; };

    const close = () => {
      clearTimeout(timer);
      clearTimeout(retry);
      stream?.close();
      stream = null;
    };
    const connect = () => {
      close();
      if (paused || document.hidden) return;
      stream = new EventSource(bar.dataset.events);
      stream.addEventListener("open", () => say(text("Live")));
      stream.addEventListener("change", (event) => {
        if (event.data !== version) refresh();
        else wait = 1000;
      });
      stream.addEventListener("error", () => {
        if (stream?.readyState !== EventSource.CLOSED) return; // the browser asks again by itself
        say(text("NotLive"));
        timer = setTimeout(connect, wait);
        wait = Math.min(2 * wait, 60000);
      });
    };
    // A server that cannot answer at the moment is asked again, less and less often.
    const later = () => {
      say(text("NotLive"));
      clearTimeout(retry);
      if (!paused && !document.hidden) retry = setTimeout(refresh, wait);
      wait = Math.min(2 * wait, 60000);
    };
    const refresh = async () => {
      again = loading;
      if (loading) return;
      loading = true;
      try {
        const response = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (response.status >= 500) {
          later();
          return;
        }
        if (!response.ok || response.redirected) {
          paused = true;
          close();
          say(text("Ended"));
          return;
        }
        take(new DOMParser().parseFromString(await response.text(), "text/html"));
        wait = 1000;
        if (stream?.readyState === EventSource.OPEN) say(text("Live"));
      } catch {
        later();
      } finally {
        loading = false;
        if (again) setTimeout(refresh, 1000);
      }
    };
    const take = (page) => {
      if (document.querySelector("dialog[open]")) return; // the next version will do
      version = page.querySelector("[data-events]")?.dataset.version ?? version;
      for (const region of document.querySelectorAll("[data-live]")) {
        const fresh = page.getElementById(region.id);
        if (fresh && fresh.innerHTML !== regions.get(region.id)) {
          regions.set(region.id, fresh.innerHTML);
          swap(region, fresh);
        }
      }
    };
    // What the user has opened, chosen, scrolled to or focused stays as it is.
    const swap = (region, fresh) => {
      const open = new Set([...region.querySelectorAll("details[open]")].map((details) => details.id));
      const checked = new Set([...region.querySelectorAll("input:checked")].map((input) => input.value));
      const chosen = new Map([...region.querySelectorAll("select")].map((select) => [select.id, select.value]));
      const scrolled = [...region.querySelectorAll(".scroll")].map((box) => [box.scrollLeft, box.scrollTop]);
      const focused = region.contains(document.activeElement) ? document.activeElement : null;
      const same = (element) => focused && element.tagName === focused.tagName &&
        ["id", "href", "name", "value", "aria-label", "class"].every((name) => element.getAttribute(name) === focused.getAttribute(name));
      region.replaceChildren(...fresh.childNodes);
      for (const details of region.querySelectorAll("details")) details.open = open.has(details.id);
      for (const input of region.querySelectorAll('input[type="checkbox"]')) input.checked = checked.has(input.value);
      for (const select of region.querySelectorAll("select")) if (chosen.has(select.id)) select.value = chosen.get(select.id);
      region.querySelectorAll(".scroll").forEach((box, i) => { if (scrolled[i]) [box.scrollLeft, box.scrollTop] = scrolled[i]; });
      for (const form of region.querySelectorAll("[data-bulk]")) bulk(form);
      if (focused) [...region.querySelectorAll("a, button, input, select, summary, [tabindex]")].find(same)?.focus({ preventScroll: true });
    };

    toggle.addEventListener("click", () => {
      paused = !paused;
      toggle.textContent = text(paused ? "Resume" : "Pause");
      if (paused) {
        close();
        say(text("Paused"));
      } else {
        connect();
      }
    });
    document.addEventListener("visibilitychange", connect);
    window.addEventListener("pagehide", close);
    window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
    connect();
  }

  // Buttons that ask first where no page does.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-confirm]");
    if (!button || button.dataset.confirmed) return;
    event.preventDefault();
    const dialog = document.createElement("dialog");
    const question = Object.assign(document.createElement("p"), { id: "ask", textContent: button.dataset.confirm });
    dialog.setAttribute("aria-labelledby", "ask");
    const tools = Object.assign(document.createElement("div"), { className: "bottom" });
    const yes = Object.assign(document.createElement("button"), { className: "button danger", type: "button", textContent: button.textContent });
    const no = Object.assign(document.createElement("button"), { className: "button quiet", type: "button", textContent: text("Cancel"), autofocus: true });
    tools.append(yes, no);
    dialog.append(question, tools);
    document.body.append(dialog);
    yes.addEventListener("click", () => {
      button.dataset.confirmed = "yes";
      dialog.close();
      button.click();
    });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      button.focus();
    });
    dialog.showModal();
  });

  // Forms: leaving with changes that are not saved asks first.
  for (const form of document.querySelectorAll("[data-record]")) {
    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    window.addEventListener("beforeunload", (event) => {
      if (changed) event.preventDefault();
    });
  }

  // Relations to many records: a combobox (ARIA Authoring Practices, list autocomplete) in place of the search page. One
  // for a single record holds its key; one for several adds a checkbox for each.
  for (const fieldset of document.querySelectorAll("[data-combobox]")) combobox(fieldset);

  function combobox(fieldset) {
    const options = fieldset.querySelector("[data-options]");
    const lookup = fieldset.querySelector("[data-lookup]");
    const select = options.querySelector("select");
    const boxes = [...options.querySelectorAll('input[type="checkbox"]')];
    const several = !select && fieldset.getAttribute("role") !== "radiogroup";
    const offered = select
      ? [...select.options].map((o) => ({ value: o.value, label: o.textContent.trim(), chosen: o.selected }))
      : [...options.querySelectorAll("input")].map((o) => ({ value: o.value, label: o.parentElement.textContent.trim(), chosen: o.checked }));
    const name = select?.name ?? options.querySelector("input")?.name ?? lookup.querySelector("button").value;
    const legend = fieldset.querySelector("legend").textContent.replace("*", "").trim();
    // What is no record, such as "Any" or "–", stays at the beginning of the list.
    const fixed = several ? [] : offered.filter((o) => o.value === "" || (select && ["set", "null"].includes(o.value)));
    const current = offered.find((o) => o.chosen);
    const focused = fieldset.contains(document.activeElement) || fieldset.querySelector("[autofocus]") !== null;

    const input = Object.assign(document.createElement("input"), { type: "text", autocomplete: "off", spellcheck: false });
    const id = `${fieldset.id}-list`;
    const label = (item) => (item && (item.value || select) ? item.label : "");
    let shown = several ? "" : label(current);
    input.value = shown;
    const attributes = {
      role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list",
      "aria-label": several ? text("FindOthers", { field: legend }) : legend, placeholder: text(several ? "TypeToAdd" : "TypeToSearch"),
    };
    for (const key of ["aria-describedby", "aria-required"]) if (fieldset.hasAttribute(key)) attributes[key] = fieldset.getAttribute(key);
    if (fieldset.getAttribute("aria-invalid") === "true" || fieldset.closest(".faulty")) attributes["aria-invalid"] = "true";
    for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value);
    // The combobox speaks for the group now, and links to the group lead to it.
    for (const key of ["role", "aria-required", "aria-invalid", "aria-describedby"]) fieldset.removeAttribute(key);
    input.id = fieldset.id;
    fieldset.id += "-field";

    const list = Object.assign(document.createElement("ul"), { id, hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", legend);
    const status = Object.assign(document.createElement("p"), { className: "hidden" });
    status.setAttribute("role", "status");
    const box = document.createElement("div");
    box.className = "combobox";
    const value = Object.assign(document.createElement("input"), { type: "hidden", name, value: current?.value ?? "" });
    if (several) {
      for (const check of boxes) if (!check.checked) check.closest("label").remove();
      const tidy = () => { options.hidden = !options.querySelector("input"); };
      options.querySelector(".hint")?.remove();
      tidy();
      box.append(input, list, status);
      options.after(box);
    } else {
      box.append(input, value, list, status);
      options.replaceWith(box);
    }
    lookup.remove();
    if (focused) input.focus();

    let items = [];
    let active = -1;
    let asked = 0;

    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (index) => {
      active = index;
      [...list.children].forEach((li, i) => li.setAttribute("aria-selected", String(i === active)));
      const li = list.children[active];
      if (li) {
        input.setAttribute("aria-activedescendant", li.id);
        li.scrollIntoView({ block: "nearest" });
      }
    };
    const add = (item) => {
      let check = [...options.querySelectorAll("input")].find((other) => other.value === item.value);
      if (!check) {
        const caption = Object.assign(document.createElement("bdi"), { textContent: item.label });
        const holder = Object.assign(document.createElement("label"), { className: "check" });
        check = Object.assign(document.createElement("input"), { type: "checkbox", name, value: item.value });
        holder.append(check, caption);
        options.append(holder);
      }
      check.checked = true;
      options.hidden = false;
      status.textContent = text("Added", { label: item.label });
      check.dispatchEvent(new Event("input", { bubbles: true }));
      input.value = shown = "";
      close();
    };
    const choose = (item) => {
      if (several) return add(item);
      value.value = item.value;
      input.value = shown = label(item);
      value.dispatchEvent(new Event("input", { bubbles: true }));
      close();
    };
    const search = async () => {
      const request = ++asked;
      const query = input.value === shown ? "" : input.value;
      const response = await fetch(`${fieldset.dataset.combobox}?q=${encodeURIComponent(query)}`, {
        headers: { Accept: "application/json" },
      });
      if (!response.ok) return;
      const found = await response.json();
      if (request !== asked) return; // a later search is the one that is shown
      items = [...(query ? [] : fixed), ...found];
      list.replaceChildren(...items.map((item, i) => {
        const li = Object.assign(document.createElement("li"), { id: `${id}-${i}`, textContent: item.label, dir: "auto" });
        li.setAttribute("role", "option");
        li.setAttribute("aria-selected", "false");
        li.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          choose(item);
        });
        return li;
      }));
      status.textContent = found.length ? text("Found", { n: number(found.length) }) : text("NothingFound");
      list.hidden = items.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      mark(-1);
    };

    let timer;
    input.addEventListener("input", (event) => {
      event.stopPropagation();
      clearTimeout(timer);
      timer = setTimeout(search, 150);
    });
    input.addEventListener("click", () => { if (list.hidden) search(); });
    input.addEventListener("keydown", (event) => {
      const open = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) {
          search();
          return;
        }
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark(active < 0 && step < 0 ? items.length - 1 : (active + step + items.length) % items.length);
      } else if (event.key === "Enter" && open) {
        event.preventDefault();
        if (items[active]) choose(items[active]);
      } else if (event.key === "Enter" && several) {
        event.preventDefault();
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        input.value = shown;
        close();
      }
    });
    // What was typed and not chosen is not kept: the field says what will be saved.
    input.addEventListener("blur", () => {
      clearTimeout(timer);
      asked++;
      input.value = shown;
      close();
    });
  }
})();
