// What the admin's pages gain from a script. Every page works without it.
"use strict";

(() => {
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

  // Lists: one box selects all rows, and the number of the selected is told.
  for (const form of document.querySelectorAll("[data-bulk]")) {
    const boxes = [...form.querySelectorAll('tbody input[type="checkbox"]')];
    const head = form.querySelector("thead .pick");
    const told = form.querySelector("[data-chosen]");
    if (!head || !boxes.length) continue;
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", "Select all on this page");
    head.replaceChildren(all);
    const update = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      all.checked = chosen === boxes.length;
      all.indeterminate = chosen > 0 && !all.checked;
      told.textContent = chosen ? `${chosen} selected` : "";
    };
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
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
        update();
      });
    }
    update();
  }

  // Buttons that ask first where no page does.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-confirm]");
    if (!button || button.dataset.confirmed) return;
    event.preventDefault();
    const dialog = document.createElement("dialog");
    const text = Object.assign(document.createElement("p"), { id: "ask", textContent: button.dataset.confirm });
    dialog.setAttribute("aria-labelledby", "ask");
    const tools = Object.assign(document.createElement("div"), { className: "bottom" });
    const yes = Object.assign(document.createElement("button"), { className: "button danger", type: "button", textContent: button.textContent });
    const no = Object.assign(document.createElement("button"), { className: "button quiet", type: "button", textContent: "Cancel", autofocus: true });
    tools.append(yes, no);
    dialog.append(text, tools);
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

  // Relations to many records: a combobox (ARIA Authoring Practices, list autocomplete) in place of the search page.
  for (const fieldset of document.querySelectorAll("[data-combobox]")) combobox(fieldset);

  function combobox(fieldset) {
    const options = fieldset.querySelector("[data-options]");
    const lookup = fieldset.querySelector("[data-lookup]");
    const radios = [...options.querySelectorAll('input[type="radio"]')];
    const current = radios.find((radio) => radio.checked);
    const name = radios[0]?.name;
    if (!name || radios.length > 2) return; // the result of a search is to be chosen from
    const id = `${fieldset.id}-list`;

    const value = Object.assign(document.createElement("input"), { type: "hidden", name, value: current?.value ?? "" });
    const input = Object.assign(document.createElement("input"), { type: "text", autocomplete: "off", spellcheck: false });
    input.value = current?.value ? current.parentElement.textContent.trim() : "";
    for (const [key, text] of Object.entries({
      role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list",
      "aria-label": fieldset.querySelector("legend").textContent,
    })) input.setAttribute(key, text);
    const describedBy = fieldset.getAttribute("aria-describedby");
    if (describedBy) input.setAttribute("aria-describedby", describedBy);
    const list = Object.assign(document.createElement("ul"), { id, hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", fieldset.querySelector("legend").textContent);
    const box = document.createElement("div");
    box.className = "combobox";
    box.append(input, value, list);
    options.replaceWith(box);
    lookup.remove();

    let items = [];
    let active = -1;
    let shown = input.value;
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
    const choose = (item) => {
      value.value = item.value;
      input.value = shown = item.value ? item.label : "";
      value.dispatchEvent(new Event("input", { bubbles: true }));
      close();
    };
    const search = async () => {
      const number = ++asked;
      const response = await fetch(`${fieldset.dataset.combobox}?q=${encodeURIComponent(input.value)}`, {
        headers: { Accept: "application/json" },
      });
      if (!response.ok || number !== asked) return;
      items = await response.json();
      const optional = radios.some((radio) => radio.value === "");
      if (optional) items.unshift({ value: "", label: "–" });
      list.replaceChildren(...items.map((item, i) => {
        const li = Object.assign(document.createElement("li"), { id: `${id}-${i}`, textContent: item.label });
        li.setAttribute("role", "option");
        li.setAttribute("aria-selected", "false");
        li.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          choose(item);
        });
        return li;
      }));
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
    input.addEventListener("keydown", (event) => {
      const open = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) {
          search();
          return;
        }
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark((active + step + items.length) % items.length);
      } else if (event.key === "Enter" && open) {
        event.preventDefault();
        if (items[active]) choose(items[active]);
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
