// Loads the page again once the application has changed, and swaps stylesheets in place. Part of covet serve; no page in
// production has it.
(() => {
	"use strict";
	const tag = document.currentScript;
	if (!tag || window.covetLoop) return;
	window.covetLoop = true;

	// When this page was made, by which method, and whether it is a page of the dev server itself.
	let [at, method, kind] = tag.dataset.covet.split(" ");
	let source = null, timer = 0, wait = 250, leaving = false;

	// Browsers open six connections to one address at most (HTTP/1.1): only pages that are seen keep a channel. What the
	// others miss, they are told when they are seen again.
	const open = () => {
		clearTimeout(timer);
		if (source || leaving || document.hidden) return;
		source = new EventSource("/dev/loop/events?at=" + encodeURIComponent(at));
		source.onopen = () => { wait = 250; };
		source.onerror = () => { // quietly: the dev server may be stopped, and started again
			close();
			timer = setTimeout(open, wait);
			wait = Math.min(wait * 2, 2000);
		};
		source.addEventListener("reload", (event) => { at = event.lastEventId; reload(); });
		source.addEventListener("css", (event) => { at = event.lastEventId; swap(JSON.parse(event.data).paths); });
	};
	const close = () => {
		clearTimeout(timer);
		if (source) source.close();
		source = null;
	};

	const here = () => location.href.split("#")[0];
	const remember = (name, value) => { try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* no storage */ } };
	const recall = (name) => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } };

	const reload = () => {
		const once = here() + " " + at;
		if (leaving || recall("covet:reloaded") === once) return; // a page out of some cache stays old: once is enough
		remember("covet:reloaded", once);
		if (kind === "page") remember("covet:scroll", [here(), scrollX, scrollY]);
		leaving = true;
		close();
		// A page that answers a POST is asked for with GET: nothing is sent twice.
		if (method === "GET") location.reload(); else location.replace(here());
		setTimeout(() => { leaving = false; open(); }, 5000); // somebody may have chosen to stay
	};

	const restore = () => {
		const saved = recall("covet:scroll");
		if (kind !== "page" || !saved || saved[0] !== here()) return;
		const scroll = () => scrollTo({ left: saved[1], top: saved[2], behavior: "instant" });
		const usual = history.scrollRestoration;
		history.scrollRestoration = "manual"; // the browser would go where the error page was
		const finish = () => {
			scroll();
			setTimeout(() => { history.scrollRestoration = usual; }, 100);
		};
		if (document.readyState === "loading") addEventListener("DOMContentLoaded", scroll, { once: true }); else scroll();
		if (document.readyState === "complete") finish(); else addEventListener("load", finish, { once: true });
		remember("covet:scroll", null);
	};

	// "/assets/css/app.3kTMd9x0.css" is "/assets/css/app.css": eight characters, not all of them small letters.
	const plain = (path) => path.replace(/\.(?=[\w-]*[A-Z0-9_-])[\w-]{8}(\.css)$/, "$1");
	const match = (href, paths) => {
		const url = new URL(href, location.href);
		if (url.origin !== location.origin) return null;
		return paths.find((path) => path === url.pathname || path === plain(url.pathname)) || null;
	};
	const imports = (sheet, paths) => {
		try {
			for (const rule of sheet.cssRules) {
				if (rule instanceof CSSImportRule && (match(new URL(rule.href, sheet.href || location.href).href, paths) || imports(rule.styleSheet, paths))) return true;
			}
		} catch { /* a sheet of another site */ }
		return false;
	};
	const swap = (paths) => {
		for (const link of document.querySelectorAll('link[rel~="stylesheet"][href]')) {
			if (link.covetReplaced) continue;
			const path = match(link.href, paths);
			if (path || imports(link.sheet, paths)) replace(link, path);
		}
	};
	// The new sheet comes before the old one goes, so that the page never stands there without.
	const replace = (link, path) => {
		const url = new URL(link.href), next = link.cloneNode();
		if (path) url.pathname = path;
		url.searchParams.set("covet", at);
		next.removeAttribute("integrity");
		next.nonce = link.nonce;
		next.href = url.href;
		next.addEventListener("load", () => link.remove(), { once: true });
		next.addEventListener("error", () => { next.remove(); link.covetReplaced = false; }, { once: true });
		link.covetReplaced = true;
		link.after(next);
	};

	// A page that the browser keeps for the way back has no connection, and is brought up to date when it returns.
	addEventListener("pagehide", close);
	addEventListener("pageshow", (event) => { if (event.persisted) { leaving = false; open(); } });
	document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else open(); });
	restore();
	open();
})();
