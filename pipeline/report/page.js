"use strict";
// Lists in slices, search and selections, light and dark. Everything shown comes from the page itself; nothing is fetched.
const root = document.documentElement;
root.classList.add("script");

const kept = {
  get theme() { try { return localStorage.getItem("gremium-theme") || ""; } catch { return ""; } },
  set theme(value) { try { localStorage.setItem("gremium-theme", value); } catch { /* a browser that keeps nothing */ } },
};

function wear(theme) {
  if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
}
wear(kept.theme);

const folded = text => text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/ß/g, "ss").toLowerCase();
const signs = { amp: "&", lt: "<", gt: ">", "#34": '"', "#39": "'" };
const spoken = html => folded(html.replace(/<[^>]*>/g, " ").replace(/&(amp|lt|gt|#34|#39);/g, (_, name) => signs[name]));

class List {
  constructor(data) {
    const { slice, items, marks } = JSON.parse(data.textContent);
    Object.assign(this, { slice, items, marks, page: 0 });
    const name = data.dataset.list;
    this.rows = document.querySelector(`[data-rows="${name}"]`);
    this.pager = document.querySelector(`[data-pager="${name}"]`);
    this.group = document.querySelector(`[data-group="${name}"]`);
    this.found = items.map((_, place) => place);
    this.pager.addEventListener("click", event => this.turn(event.target.closest("button")));
    this.tell();
  }
  get texts() { return this.read ??= this.items.map(spoken); }
  get pages() { return Math.max(1, Math.ceil(this.found.length / this.slice)); }
  select(words, wanted) {
    this.page = 0;
    this.found = [];
    for (let place = 0; place < this.items.length; place++) {
      const marks = ` ${this.marks[place]} `;
      if (wanted.every(mark => marks.includes(` ${mark} `)) && words.every(word => this.texts[place].includes(word))) this.found.push(place);
    }
    this.show();
    if (this.group) this.group.hidden = !this.found.length;
  }
  show(from = this.page * this.slice, to = from + this.slice) {
    this.rows.innerHTML = this.found.slice(from, to).map(place => this.items[place]).join("");
    this.tell();
  }
  turn(button) {
    if (!button) return;
    this.page += Number(button.dataset.turn);
    this.show();
    if (button.disabled) this.pager.querySelector("button:enabled").focus();
    if (this.rows.getBoundingClientRect().top < 0) (this.rows.closest("table") || this.rows).scrollIntoView({ block: "start" });
  }
  tell() {
    const [back, where, on] = this.pager.children;
    this.pager.hidden = this.pages === 1;
    where.textContent = `Seite ${this.page + 1} von ${this.pages.toLocaleString("de")}`;
    back.disabled = !this.page;
    on.disabled = this.page + 1 >= this.pages;
  }
}

class Tools {
  constructor(form) {
    this.form = form;
    const section = form.closest("section");
    this.lists = [...section.querySelectorAll("[data-list]")].map(data => new List(data));
    this.told = form.querySelector(".told");
    form.addEventListener("input", () => { clearTimeout(this.late); this.late = setTimeout(() => this.select(), 60); });
    form.addEventListener("submit", event => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => this.select()));
    this.count();
  }
  select() {
    const words = folded(this.form.querySelector("input").value).split(/\s+/).filter(Boolean);
    const wanted = [...this.extra ? [this.extra] : [], ...[...this.form.querySelectorAll("select")].map(choice => choice.value).filter(Boolean)];
    for (const list of this.lists) list.select(words, wanted);
    this.extra = "";
    this.count();
  }
  choose(mark) {
    this.form.querySelector("input").value = "";
    this.extra = mark;
    for (const choice of this.form.querySelectorAll("select")) {
      const fits = [...choice.options].some(option => option.value === mark);
      choice.value = fits ? mark : "";
      if (fits) this.extra = "";
    }
    this.select();
  }
  count() {
    const sum = of => this.lists.reduce((all, list) => all + list[of].length, 0).toLocaleString("de");
    this.told.textContent = `${sum("found")} von ${sum("items")} ${this.form.dataset.what}`;
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const tools = new Map([...document.querySelectorAll("[data-tools]")].map(form => [form.dataset.tools, new Tools(form)]));
  const lists = [...tools.values()].flatMap(each => each.lists);

  document.addEventListener("click", event => {
    const link = event.target.closest("[data-choose]");
    if (link) tools.get(link.hash.slice(1))?.choose(link.dataset.choose);
  });

  for (const choice of document.querySelectorAll("[name=theme]")) {
    choice.checked = choice.value === kept.theme;
    choice.addEventListener("change", () => { kept.theme = choice.value; wear(choice.value); });
  }

  // On paper there is no turning of pages: what is selected is printed, up to a number nobody prints more of.
  const most = 1000;
  addEventListener("beforeprint", () => { for (const list of lists) list.show(0, most); for (const fold of document.querySelectorAll(".file")) fold.open = true; });
  addEventListener("afterprint", () => { for (const list of lists) list.show(); });

  // Where the reader is, in the bar of sections.
  const links = new Map([...document.querySelectorAll(".sections a")].map(link => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver(entries => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  for (const name of links.keys()) seen.observe(document.getElementById(name));
});
