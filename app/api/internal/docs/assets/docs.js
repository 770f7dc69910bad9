// Sends the requests of the forms on the page, and shows what comes back.
"use strict";

for (const element of document.querySelectorAll(".script")) element.classList.remove("script");

for (const form of document.querySelectorAll("form[data-path]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) send(form);
  });
}

async function send(form) {
  const answer = form.querySelector(".answer");
  answer.replaceChildren(paragraph("Waiting for the answer…"));
  const started = performance.now();
  try {
    const { url, options } = request(form);
    const response = await fetch(url, options);
    const took = Math.round(performance.now() - started);
    answer.replaceChildren(...(await show(response, took, `${form.dataset.method} ${form.dataset.path}`)));
  } catch (error) {
    answer.replaceChildren(paragraph(`The request could not be sent: ${error.message}`));
  }
}

// request reads a form into what fetch takes.
function request(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = new Headers({ Accept: "application/json" });
  const token = document.getElementById("token")?.value.trim();
  if (token) headers.set("Authorization", `${form.dataset.scheme} ${token}`);
  const options = { method: form.dataset.method, headers, credentials: "same-origin" };
  for (const control of form.querySelectorAll("[data-in]")) {
    const { name, list, type } = control.dataset;
    const values = list ? control.value.split(",").map((v) => v.trim()).filter(Boolean) : [control.value];
    switch (control.dataset.in) {
      case "path":
        path = path.replace(`{${name}}`, encodeURIComponent(control.value));
        break;
      case "query":
        for (const value of values) if (value !== "") query.append(name, value);
        break;
      case "header":
        if (control.value !== "") headers.set(name, control.value);
        break;
      case "body":
        headers.set("Content-Type", type);
        options.body = control.value;
        break;
      case "file":
        headers.set("Content-Type", type);
        options.body = control.files[0];
        break;
      case "form":
        options.body ??= new FormData();
        if (control.type === "file") for (const file of control.files) options.body.append(name, file);
        else for (const value of values) if (value !== "") options.body.append(name, value);
    }
  }
  const text = query.toString();
  return { url: path + (text ? `?${text}` : ""), options };
}

// show returns elements that say what a response is.
async function show(response, took, operation) {
  const status = paragraph(`${response.status} ${response.statusText} · ${took} ms`);
  status.className = response.ok ? "success" : "failure";
  const headers = block([...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n"), `Headers of the response to ${operation}`);
  const type = response.headers.get("Content-Type") ?? "";
  const text = type.includes("json") || type.startsWith("text/") ? await response.text() : `${(await response.blob()).size} bytes of ${type || "nothing"}`;
  return [status, headers, block(pretty(text), `Body of the response to ${operation}`)];
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function paragraph(text) {
  const p = document.createElement("p");
  p.textContent = text;
  return p;
}

function block(text, label) {
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", label);
  pre.textContent = text;
  return pre;
}
