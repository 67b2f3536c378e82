/* Front Desk: the chat that a clinic puts on its website with one line.
 *
 *   <script src="https://desk.example/widget.js" defer
 *           data-clinic="Example Clinic" data-language="en"></script>
 *
 * data-clinic    the name in the header
 * data-language  en or es; left out, the page's own language decides
 *
 * This file is all there is: no build step, no dependency, no request to anyone but the server
 * it came from. What keeps a person safe stands here and not on the server: the crisis numbers
 * are in this file, are on the page from the first paint, and come forward whenever a message
 * cannot be sent. Text from the visitor or the server only ever becomes text (`textContent`);
 * links are made from the fixed patterns below.
 *
 * Reading order: settings and words, small helpers, the element (build, open and close, send,
 * receive, stay connected), styles.
 */
(() => {
  "use strict";

  const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
  if (!script || customElements.get("front-desk-chat")) return;

  const SERVER = new URL(".", script.src);
  const MAX_CHARACTERS = 4000;
  const COUNT_FROM = 3600;
  const ANSWER_TIMEOUT_MS = 15000; // the server gives its bot 8 s and its database 2 s
  const SILENCE_MS = 45000; // the server writes every 15 s: a stream silent for so long is dead
  const FIRST_RETRY_MS = 1000;
  const LAST_RETRY_MS = 30000;
  const ANNOUNCED_MS = 15000; // screen readers miss what disappears sooner

  const PAGE_LANGUAGE = script.dataset.language || document.documentElement.lang || "en";
  const LANGUAGE = PAGE_LANGUAGE.toLowerCase().startsWith("es") ? "es" : "en";

  // The same numbers as data/crisis/hotlines.yml; a test holds the two together.
  const CRISIS_LINKS = {
    en: [
      ["Call 988", "tel:988"],
      ["Text 988", "sms:988"],
      ["988 chat", "https://988lifeline.org/chat"],
      ["Call 911", "tel:911"],
    ],
    es: [
      ["Llamar al 988", "tel:988"],
      ["Texto al 988", "sms:988?&body=AYUDA"],
      ["Chat 988", "https://988lifeline.org/chat"],
      ["Llamar al 911", "tel:911"],
    ],
  }[LANGUAGE];

  const WORDS = {
    en: {
      open: "Chat with us",
      unread: (count) => `${count} new`,
      crisisOpen: "In crisis? Call or text 988",
      clinic: "Questions and answers",
      automated: "Automated assistant, not a person",
      end: "End chat",
      close: "Close chat",
      crisisHelp: "Crisis help: call or text 988",
      crisisTitle: "Crisis help, day and night",
      crisis911: "In danger or hurt right now? Call 911.",
      crisis988: "Thoughts of suicide, or a crisis of any kind? Call or text 988. It is free, 24 hours a day.",
      conversation: "Conversation",
      label: "Your question",
      hint: "Enter sends. Shift and Enter starts a new line.",
      send: "Send",
      left: (count) => `${count} characters left`,
      tooLong: (count) => `Too long by ${count} characters. Please shorten it or send it in parts.`,
      senders: { visitor: "You", bot: "Automated assistant", staff: "Clinic staff", system: "Notice" },
      typing: "The assistant is writing",
      sources: "Sources",
      checked: (date) => `checked on ${date}`,
      newTab: "(opens in a new tab)",
      unsent: "Not sent yet. We keep trying.",
      refused: "Not sent.",
      again: "Try again",
      offline: "We cannot reach the chat right now. What you write is kept and sent when it is back.",
      busy: "That was a lot at once. We will send your message in a moment.",
      problem: "The chat has a problem. We keep trying.",
      back: "The chat is connected again.",
      endAsk: "End this chat and clear it from this page?",
      endYes: "End and clear",
      endNo: "Keep chatting",
      ended: "The chat has ended and is cleared from this page. To start a new one, write below.",
      endFailed: "We could not reach the clinic's server. Its copy of the chat closes by itself later.",
      closed: "This chat is closed. To start a new one, write below.",
      renewed: "A new chat has started.",
    },
    es: {
      open: "Chatea con nosotros",
      unread: (count) => (count === 1 ? "1 nuevo" : `${count} nuevos`),
      crisisOpen: "¿En crisis? Llama o escribe al 988",
      clinic: "Preguntas y respuestas",
      automated: "Asistente automático, no es una persona",
      end: "Terminar",
      close: "Cerrar el chat",
      crisisHelp: "Ayuda en crisis: llama o escribe al 988",
      crisisTitle: "Ayuda en crisis, de día y de noche",
      crisis911: "¿Estás en peligro o herido ahora? Llama al 911.",
      crisis988:
        "¿Piensas en el suicidio, o es otra crisis? Llama al 988 y oprime 2, o envía AYUDA al 988. Es gratis, las 24 horas.",
      conversation: "Conversación",
      label: "Tu pregunta",
      hint: "Intro envía. Mayúsculas e Intro empieza otra línea.",
      send: "Enviar",
      left: (count) => `Quedan ${count} caracteres`,
      tooLong: (count) => `Sobran ${count} caracteres. Acórtalo o envíalo en partes.`,
      senders: {
        visitor: "Tú",
        bot: "Asistente automático",
        staff: "Personal de la clínica",
        system: "Aviso",
      },
      typing: "El asistente está escribiendo",
      sources: "Fuentes",
      checked: (date) => `revisado el ${date}`,
      newTab: "(se abre en otra pestaña)",
      unsent: "Aún no enviado. Seguimos intentando.",
      refused: "No enviado.",
      again: "Intentar de nuevo",
      offline: "No podemos conectar con el chat. Lo que escribas se guarda y se envía cuando vuelva.",
      busy: "Fueron muchos mensajes a la vez. Enviaremos el tuyo en un momento.",
      problem: "El chat tiene un problema. Seguimos intentando.",
      back: "El chat está conectado otra vez.",
      endAsk: "¿Terminar este chat y borrarlo de esta página?",
      endYes: "Terminar y borrar",
      endNo: "Seguir en el chat",
      ended: "El chat terminó y se borró de esta página. Para empezar otro, escribe abajo.",
      endFailed: "No pudimos conectar con el servidor de la clínica. Su copia se cierra sola más tarde.",
      closed: "Este chat está cerrado. Para empezar otro, escribe abajo.",
      renewed: "Empezó un chat nuevo.",
    },
  }[LANGUAGE];

  // ---------------------------------------------------------------- helpers

  /** An element with attributes (or `on...` listeners, or `text`) and children. */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "text") node.textContent = value;
      else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  function newTabLink(label, url) {
    const hidden = el("span", { class: "unseen", text: ` ${WORDS.newTab}` });
    return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label, hidden);
  }

  // The crisis lines' sites and short numbers, and numbers written the North American way.
  const SITES = "988lifeline.org|www.veteranscrisisline.net|www.thehotline.org|rainn.org";
  const LINKABLE = new RegExp(
    `https://(?:${SITES.replace(/\./g, "\\.")})(?:/[A-Za-z]+)*` +
      "|(?:1-)?(?:\\(\\d{3}\\) ?|\\d{3}-)\\d{3}-\\d{4}|\\d{3,6}",
    "g",
  );
  const CALL = ["988", "911"];
  const TEXT = ["741741", "838255", "88788"];

  /** Where a match of LINKABLE leads, or "" where it is just a number. */
  function address(found, before, after) {
    if (found.startsWith("https:")) return found;
    // Not a part of a price, a longer number or an address ("$988", "1,988", "988.50").
    if (/[\w$€/.,-]$/.test(before) || /^(?:\w|[.,-]\d|%)/.test(after)) return "";
    const [, word] = /\b(AYUDA|START|HOME) (?:to|al) (?:\*\*)?$/.exec(before) || [];
    if (word && CALL.concat(TEXT).includes(found)) return `sms:${found}?&body=${word}`;
    if (CALL.includes(found)) return `tel:${found}`;
    if (TEXT.includes(found)) return `sms:${found}`;
    return found.length >= 12 ? `tel:+1${found.replace(/\D/g, "").slice(-10)}` : "";
  }

  /** Text as nodes, with crisis lines and clinic phone numbers as links. */
  function withLinks(text) {
    const nodes = [];
    let done = 0;
    for (const match of text.matchAll(LINKABLE)) {
      const found = match[0];
      const end = match.index + found.length;
      const href = address(found, text.slice(0, match.index), text.slice(end));
      if (!href) continue;
      const link =
        href === found ? newTabLink(found.slice(8), href) : el("a", { href, text: found });
      nodes.push(text.slice(done, match.index), link);
      done = end;
    }
    return [...nodes, text.slice(done)];
  }

  function readableDate(iso) {
    const date = new Date(`${iso}T12:00:00`);
    if (Number.isNaN(date.getTime())) return String(iso);
    return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium" }).format(date);
  }

  function randomId() {
    // crypto.randomUUID does not exist on pages without https.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function backoff(attempt) {
    const delay = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 8), LAST_RETRY_MS);
    return delay * (0.5 + Math.random()); // jitter: visitors must not all come back at once
  }

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** The session, in this tab only; in memory where the browser refuses storage. */
  const storage = {
    key: `front-desk ${SERVER.href}`,
    load() {
      try {
        return JSON.parse(sessionStorage.getItem(this.key)) || {};
      } catch {
        return {};
      }
    },
    save(session) {
      try {
        sessionStorage.setItem(this.key, JSON.stringify(session));
      } catch {
        // Blocked or full: the session object itself stays, until the page is left.
      }
    },
  };

  /** A call that did not work. `status` 0: no answer from a Front Desk server at all. */
  class Failure extends Error {
    constructor(status, message = "", retryAfter = 0) {
      super(message);
      this.status = status;
      this.retryAfter = retryAfter;
      this.gone = [401, 404, 410].includes(status);
      this.temporary = status === 0 || status === 408 || status === 429 || status >= 500;
    }

    /** A mistake of ours, or an answer that makes no sense, is to the visitor the same as none. */
    static of(error) {
      if (error instanceof Failure) return error;
      console.error(error);
      return new Failure(0);
    }
  }

  function headers(token, more = {}) {
    return token ? { Authorization: `Bearer ${token}`, ...more } : more;
  }

  /** One request to the server: its JSON, or a Failure. */
  async function call(method, path, token, body) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_TIMEOUT_MS);
    let response;
    let data = null;
    try {
      response = await fetch(new URL(path, SERVER), {
        method,
        headers: headers(token, body && { "Content-Type": "application/json" }),
        body: body && JSON.stringify(body),
        signal: abort.signal,
        credentials: "omit",
        cache: "no-store",
      });
      if (response.status !== 204) data = await response.json();
    } catch {
      // No network, a timeout, or something that is not our JSON (a proxy's error page).
      throw new Failure(response && !response.ok ? response.status : 0);
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) {
      if (response.status !== 204 && (!data || typeof data !== "object")) throw new Failure(0);
      return data;
    }
    const seconds = Number(response.headers.get("Retry-After"));
    throw new Failure(response.status, data?.error?.message, seconds > 0 ? seconds : 0);
  }

  /** Hands each server-sent event of a response body to `onEvent({event, data, id})`. */
  async function readEvents(body, onBytes, onEvent) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let waiting = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      waiting += decoder.decode(value, { stream: true });
      const blocks = waiting.split(/\r?\n\r?\n/);
      waiting = blocks.pop();
      for (const block of blocks) {
        const fields = { event: "message", data: [], id: "" };
        for (const line of block.split(/\r?\n/)) {
          const [, name, content] = /^(\w*):? ?(.*)$/.exec(line) || [];
          if (name === "data") fields.data.push(content);
          else if (name === "event" || name === "id") fields[name] = content;
        }
        if (fields.data.length) onEvent({ ...fields, data: fields.data.join("\n") });
      }
    }
  }

  // ---------------------------------------------------------------- the element

  class FrontDeskChat extends HTMLElement {
    constructor() {
      super();
      // What a reload must bring back. `crisis` outlives a takeover by staff; `helpOpen` is the
      // visitor's own choice; `queue` holds what was written and is not known to have arrived.
      this.session = Object.assign(
        { id: "", token: "", mode: "bot", crisis: false, helpOpen: false, open: false, queue: [] },
        storage.load(),
      );
      this.shown = new Map(); // seq -> node
      this.unstored = []; // shown with seq 0
      this.bubbles = new Map(); // client_id -> node
      this.held = []; // answers that the event stream brought while a POST is under way
      this.sending = new Set(); // client_ids
      this.lastEvent = 0;
      this.failures = 0;
      this.unread = 0;
      this.trouble = "";
      this.phone = matchMedia("(max-width: 480px), (max-height: 480px)");
      this.build();
    }

    connectedCallback() {
      this.lang = LANGUAGE;
      this.phone.addEventListener("change", () => this.fitScreen());
      addEventListener("online", () => this.session.id && this.attempt());
      for (const change of ["resize", "scroll"]) {
        window.visualViewport?.addEventListener(change, () => this.fitKeyboard());
      }
      for (const item of this.session.queue) this.addBubble(item);
      this.update();
      if (this.session.open) this.show();
      if (this.session.id || this.session.queue.length) this.attempt();
    }

    save() {
      storage.save(this.session);
    }

    // ------------------------------------------------------------ build

    build() {
      const root = this.attachShadow({ mode: "open" });
      this.crisisPill = el("button", {
        type: "button",
        class: "pill",
        text: WORDS.crisisOpen,
        onclick: () => this.open(this.crisisPill, true),
      });
      this.badge = el("span", { class: "badge", hidden: true });
      this.launcher = el(
        "button",
        { type: "button", class: "launcher", onclick: () => this.open(this.launcher, false) },
        el("span", { text: WORDS.open }),
        this.badge,
      );
      this.dock = el(
        "section",
        { class: "dock", "aria-label": WORDS.open },
        this.crisisPill,
        this.launcher,
      );

      this.heading = el("h2", {
        id: "title",
        tabindex: -1,
        autofocus: true,
        text: script.dataset.clinic || WORDS.clinic,
      });
      this.endButton = el("button", {
        type: "button",
        class: "plain",
        text: WORDS.end,
        onclick: () => this.askToEnd(true),
      });
      const header = el(
        "div",
        { class: "head" },
        el("div", {}, this.heading, el("p", { text: WORDS.automated })),
        this.endButton,
        el("button", {
          type: "button",
          class: "plain cross",
          "aria-label": WORDS.close,
          text: "×",
          onclick: () => this.close(),
        }),
      );

      this.helpToggle = el("button", {
        type: "button",
        class: "help-toggle",
        "aria-controls": "help-panel",
        text: WORDS.crisisHelp,
        onclick: () => {
          this.session.helpOpen = !this.session.helpOpen;
          this.update();
        },
      });
      this.helpTitle = el("h3", { tabindex: -1, text: WORDS.crisisTitle });
      const links = CRISIS_LINKS.map(([label, href]) =>
        el("li", {}, href.startsWith("https:") ? newTabLink(label, href) : el("a", { href, text: label })),
      );
      this.helpPanel = el(
        "div",
        { id: "help-panel", class: "help-panel" },
        el("p", {}, el("strong", { text: WORDS.crisis911 }), ` ${WORDS.crisis988}`),
        el("ul", {}, ...links),
      );
      const help = el(
        "section",
        { class: "help", "aria-label": WORDS.crisisHelp },
        this.helpToggle,
        this.helpTitle,
        this.helpPanel,
      );

      this.log = el("div", {
        class: "log",
        role: "log",
        "aria-live": "off", // the announcer speaks; a log that also speaks says all twice
        "aria-label": WORDS.conversation,
        tabindex: 0,
      });
      this.typing = el(
        "p",
        { class: "typing", hidden: true },
        el("span", { class: "unseen", text: WORDS.typing }),
        ...[1, 2, 3].map(() => el("span", { class: "dot", "aria-hidden": "true" })),
      );
      this.announcer = el("div", { class: "unseen", "aria-live": "polite" });

      this.troubleText = el("span");
      this.troubleBar = el(
        "div",
        { class: "bar", hidden: true },
        this.troubleText,
        el("button", { type: "button", text: WORDS.again, onclick: () => this.attempt() }),
      );
      this.keepButton = el("button", {
        type: "button",
        text: WORDS.endNo,
        onclick: () => this.askToEnd(false),
      });
      this.endBar = el(
        "div",
        { class: "bar", role: "group", "aria-label": WORDS.endAsk, hidden: true },
        el("span", { text: WORDS.endAsk }),
        el("button", { type: "button", text: WORDS.endYes, onclick: () => this.end() }),
        this.keepButton,
      );

      this.input = el("textarea", {
        id: "input",
        rows: 1,
        autocomplete: "off",
        "aria-describedby": "hint counter",
        oninput: () => this.measure(),
        onkeydown: (event) => {
          // Enter also ends a composition (Japanese, dead keys): that one is not "send".
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          this.submit();
        },
      });
      this.counter = el("p", { id: "counter", class: "counter", hidden: true });
      const form = el(
        "form",
        {
          onsubmit: (event) => {
            event.preventDefault();
            this.submit();
          },
        },
        el("label", { for: "input", text: WORDS.label }),
        el("div", { class: "row" }, this.input, el("button", { type: "submit", text: WORDS.send })),
        el("p", { id: "hint", class: "unseen", text: WORDS.hint }),
        this.counter,
      );

      this.dialog = el(
        "dialog",
        {
          "aria-labelledby": "title",
          oncancel: (event) => {
            event.preventDefault();
            this.close();
          },
          onkeydown: (event) => {
            if (event.key !== "Escape" || event.isComposing) return;
            event.preventDefault();
            this.close();
          },
        },
        header,
        help,
        this.log,
        this.announcer,
        this.troubleBar,
        this.endBar,
        form,
      );
      this.log.append(this.typing);
      root.append(this.dock, this.dialog);
      applyStyles(root);
    }

    /** Everything on screen that follows from the state, in one place. */
    update() {
      const { crisis, helpOpen } = this.session;
      const forced = crisis || Boolean(this.trouble);
      const hadFocus = this.shadowRoot.activeElement === this.helpToggle;
      this.helpToggle.hidden = forced;
      this.helpTitle.hidden = !forced;
      this.helpToggle.setAttribute("aria-expanded", String(helpOpen));
      this.helpPanel.hidden = !forced && !helpOpen;
      if (forced && hadFocus) this.helpTitle.focus();
      this.troubleBar.hidden = !this.trouble;
      this.troubleText.textContent = this.trouble;
      this.badge.hidden = this.unread === 0;
      this.badge.textContent = WORDS.unread(this.unread);
      this.typing.hidden = this.sending.size === 0 || Boolean(this.trouble);
      this.log.append(this.typing); // stays last
      this.save();
    }

    setTrouble(words) {
      if (words === this.trouble) return;
      this.announce(words || WORDS.back);
      this.trouble = words;
      this.update();
    }

    /** Only the server's word ends a crisis here, and it only gives it when staff have. */
    setMode(mode) {
      if (!mode) return;
      if (mode === "closed" && this.session.mode !== "closed") this.notice(WORDS.closed);
      if (mode === "crisis") this.session.crisis = true;
      if (mode === "bot") this.session.crisis = false;
      this.session.mode = mode;
      this.update();
    }

    announce(text) {
      const line = el("p", { text });
      this.announcer.append(line);
      setTimeout(() => line.remove(), ANNOUNCED_MS);
    }

    // ------------------------------------------------------------ open and close

    open(opener, withHelp) {
      this.opener = opener;
      if (withHelp) this.session.helpOpen = true;
      this.session.open = true;
      this.show();
      // On a phone, focus in the box would bring up the keyboard over half of the screen.
      if (withHelp) this.helpPanel.querySelector("a").focus();
      else if (this.phone.matches) this.heading.focus();
      else this.input.focus();
      this.attempt();
    }

    show() {
      this.unread = 0;
      if (!this.dialog.hasAttribute("open")) {
        // show() would take the focus after a reload. Old browsers have neither: a plain box.
        if (this.phone.matches && this.dialog.showModal) this.dialog.showModal();
        else this.dialog.setAttribute("open", "");
      }
      this.dock.hidden = true;
      this.update();
      this.fitKeyboard();
      this.log.scrollTop = this.log.scrollHeight;
    }

    close() {
      if (this.dialog.close) this.dialog.close();
      else this.dialog.removeAttribute("open");
      this.dock.hidden = false;
      this.session.open = false;
      this.update();
      (this.opener || this.launcher).focus();
    }

    /** A turned phone or a zoomed page changes between window and full screen. */
    fitScreen() {
      if (!this.dialog.open || !this.dialog.close) return;
      const focused = this.shadowRoot.activeElement;
      this.dialog.close();
      this.show();
      focused?.focus();
    }

    /** iOS lays its keyboard over the page: keep the dialog in the part that is still seen. */
    fitKeyboard() {
      const view = window.visualViewport;
      const fit = view && this.phone.matches && view.scale === 1;
      this.dialog.style.height = fit ? `${view.height}px` : "";
      this.dialog.style.top = fit ? `${view.offsetTop}px` : "";
    }

    // ------------------------------------------------------------ the transcript

    /** One message of the server, as a node. Unknown senders count as notices. */
    render(message) {
      const from = message.from in WORDS.senders ? message.from : "system";
      const text = String(message.text ?? "");
      const node = el(
        "div",
        { class: `line ${from} ${message.kind === "crisis" ? "crisis" : ""}` },
        el("p", { class: "sender", text: WORDS.senders[from] }),
        el("p", { class: "text" }, ...(from === "visitor" ? [text] : withLinks(text.trim()))),
      );
      const sources = (message.sources || []).map(({ title, url, checked_on }) => {
        const label = String(title || url);
        const linked = /^https:\/\//.test(url) ? newTabLink(label, url) : label;
        return el("li", {}, linked, checked_on ? ` – ${WORDS.checked(readableDate(checked_on))}` : "");
      });
      if (sources.length) {
        node.append(
          el("div", { class: "sources" }, el("p", { text: WORDS.sources }), el("ul", {}, ...sources)),
        );
      }
      const buttons = (message.buttons || []).map(({ label, text: says }) => {
        const button = el("button", { type: "button", text: label });
        button.addEventListener("click", () => {
          // Stays readable and focusable, as removing it would drop the focus.
          if (button.getAttribute("aria-disabled")) return;
          button.setAttribute("aria-disabled", "true");
          this.say(says);
        });
        return button;
      });
      if (buttons.length) node.append(el("div", { class: "choices" }, ...buttons));
      return node;
    }

    /** Adds what is not there yet. `after`: the visitor's bubble that it answers. */
    receive(messages, { after = null, restored = false } = {}) {
      const added = [];
      const nearEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
      const unsent = restored ? this.log.querySelector(".unsent, .pending") : null;
      for (const message of messages || []) {
        if (message.seq && (this.shown.has(message.seq) || this.stored(message))) continue;
        const node = this.render(message);
        if (message.seq) this.shown.set(message.seq, node);
        else this.unstored.push({ node, text: message.text });
        if (after) after.after(node);
        else this.log.insertBefore(node, unsent);
        if (after) after = node;
        added.push(node);
        if (message.kind === "crisis" && message.from === "bot") this.session.helpOpen = true;
        if (restored || message.from === "visitor") continue;
        this.announce(`${node.querySelector(".sender").textContent}: ${node.querySelector(".text").textContent}`);
        if (!this.dialog.open) this.unread += 1;
      }
      this.update();
      // Show the beginning of what is new; the browser stops at the end of the log by itself.
      if (restored) this.log.scrollTop = this.log.scrollHeight;
      else if (added.length && (after || nearEnd)) this.log.scrollTop = added[0].offsetTop - 12;
    }

    /** seq 0 says "not stored yet": always shown. Once the server has stored such a message it
     * comes again, under its number. */
    stored({ seq, text }) {
      const index = this.unstored.findIndex((one) => one.text === text);
      if (index < 0) return false;
      this.shown.set(seq, this.unstored.splice(index, 1)[0].node);
      return true;
    }

    notice(text) {
      this.receive([{ from: "system", text }]);
    }

    // ------------------------------------------------------------ send

    measure() {
      this.input.style.height = "auto";
      this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 120)}px`;
      const left = MAX_CHARACTERS - [...this.input.value.trim()].length;
      this.counter.hidden = left > MAX_CHARACTERS - COUNT_FROM;
      const count = left < 0 ? WORDS.tooLong(-left) : WORDS.left(left);
      this.counter.textContent = this.counter.hidden ? "" : count;
      this.input.setAttribute("aria-invalid", String(left < 0));
      return left;
    }

    submit() {
      const text = this.input.value.trim();
      this.input.focus();
      if (!text) return;
      // Also when it is too long: the server screens it for a crisis before it minds the length.
      this.input.value = "";
      this.measure();
      this.say(text);
    }

    say(text) {
      const item = { client_id: randomId(), text: String(text) };
      this.session.queue.push(item);
      const bubble = this.addBubble(item);
      this.log.scrollTop = bubble.offsetTop;
      this.deliver(item);
    }

    addBubble(item) {
      const bubble = this.render({ from: "visitor", text: item.text });
      bubble.classList.add("pending");
      this.log.append(bubble);
      this.bubbles.set(item.client_id, bubble);
      return bubble;
    }

    /** `state`: pending, unsent (we try again by ourselves) or sent. */
    mark(item, state, words = "") {
      const bubble = this.bubbles.get(item.client_id);
      bubble.classList.remove("pending", "unsent");
      bubble.classList.add(state);
      bubble.querySelector(".state")?.remove();
      if (!words) return;
      bubble.append(el("p", { class: "state", text: words }));
      this.log.scrollTop = bubble.offsetTop - 12;
    }

    /** Sends one message. Messages do not wait for each other: a slow answer to a question
     * must not hold up the one after it, which may be a cry for help. */
    async deliver(item) {
      const { session } = this;
      if (this.sending.has(item.client_id)) return;
      this.sending.add(item.client_id);
      this.mark(item, "pending");
      this.update();
      let id = "";
      let again = false;
      try {
        if (session.mode === "closed") this.renew();
        await this.connected();
        id = session.id;
        const path = `v1/conversations/${id}/messages`;
        const { client_id, text } = item;
        const reply = await call("POST", path, session.token, { client_id, text });
        if (session.queue.includes(item)) this.delivered(item, reply);
      } catch (error) {
        const failure = Failure.of(error);
        if (!session.queue.includes(item)) return; // the chat was ended meanwhile
        if (failure.gone && !item.renewed) {
          // The server no longer knows the chat. The message matters more: start a new one.
          item.renewed = again = true;
          if (session.id === id) this.renew();
        } else {
          this.undelivered(item, failure);
        }
      } finally {
        this.sending.delete(item.client_id);
        if (!this.sending.size) this.receive(this.held.splice(0));
        this.update();
      }
      if (again) await this.deliver(item);
    }

    delivered(item, reply) {
      const { queue } = this.session;
      queue.splice(queue.indexOf(item), 1);
      this.mark(item, "sent");
      this.failures = 0;
      if (!queue.some((other) => !this.sending.has(other.client_id))) this.setTrouble("");
      this.receive(reply.messages, { after: this.bubbles.get(item.client_id) });
      // Answers can overtake each other, and a server that cannot read its database does not know
      // of an earlier crisis. So the way out of one comes by transcript and event stream only.
      if (reply.mode !== "bot") this.setMode(reply.mode);
    }

    undelivered(item, failure) {
      if (failure.temporary || failure.gone) {
        this.failed(failure);
        this.mark(item, "unsent", WORDS.unsent);
        return;
      }
      // Refused for what it is, such as its length: back into the box, to be changed.
      const { queue } = this.session;
      queue.splice(queue.indexOf(item), 1);
      this.bubbles.get(item.client_id).remove();
      this.notice(`${WORDS.refused} ${failure.message}`);
      this.input.value = [item.text, this.input.value].filter(Boolean).join("\n");
      this.measure();
      this.session.helpOpen = true;
    }

    failed(failure) {
      const offline = failure.status === 0 || failure.status >= 500;
      const words = failure.status === 429 ? WORDS.busy : WORDS.problem;
      this.setTrouble(offline ? WORDS.offline : words);
      clearTimeout(this.retry);
      const delay = failure.retryAfter * 1000 || backoff(this.failures);
      this.failures += 1;
      this.retry = setTimeout(() => this.attempt(), delay);
    }

    /** Connects if need be, then sends again what waits, each with the id that it had. */
    async attempt(inDoubt = false) {
      const { queue } = this.session;
      clearTimeout(this.retry);
      try {
        await this.connected();
        if (inDoubt || this.trouble) await this.poll();
      } catch (error) {
        const failure = Failure.of(error);
        if (failure.gone && this.session.id) {
          this.renew();
          return this.attempt();
        }
        this.failed(failure);
        for (const item of queue) this.mark(item, "unsent", WORDS.unsent);
        return;
      }
      if (!queue.length) this.setTrouble("");
      for (const item of [...queue]) {
        if (queue.includes(item)) this.deliver(item);
        await pause(200); // in the order in which they were written
      }
    }

    // ------------------------------------------------------------ stay connected

    /** Resolves when there is a conversation whose transcript is on screen. */
    connected() {
      this.connecting ||= this.connect().finally(() => {
        this.connecting = null;
      });
      return this.connecting;
    }

    async connect() {
      const { session } = this;
      if (session.id && !this.synced) {
        try {
          const path = `v1/conversations/${session.id}/messages?after=0`;
          const { mode, messages } = await call("GET", path, session.token);
          this.synced = true;
          this.restore(messages);
          this.setMode(mode);
        } catch (failure) {
          if (!failure.gone) throw failure;
          this.forget();
        }
      }
      if (!session.id) {
        const made = await call("POST", "v1/conversations", "", { language: LANGUAGE });
        session.id = made.conversation;
        session.token = made.token;
        this.synced = true;
        this.seen(made.messages);
        this.receive(made.messages, { restored: session.queue.length > 0 });
        this.setMode(made.mode);
      }
      this.failures = 0;
      this.listen();
    }

    /** The transcript after a reload. A message that arrived though we never heard so is in it:
     * it is sent again, for its answer, and the server knows it by its id. Show it once. */
    restore(messages) {
      this.seen(messages);
      this.receive(messages, { restored: true });
      for (const { client_id, text } of this.session.queue) {
        const stored = messages.filter((one) => one.from === "visitor" && one.text === text).pop();
        if (!stored) continue;
        this.bubbles.get(client_id).remove();
        this.bubbles.set(client_id, this.shown.get(stored.seq));
      }
    }

    seen(messages) {
      for (const { seq } of messages) this.lastEvent = Math.max(this.lastEvent, seq);
    }

    /** Asks for what the event stream should have brought: some networks let no stream through. */
    async poll() {
      const { id, token } = this.session;
      const path = `v1/conversations/${id}/messages?after=${this.lastEvent}`;
      const { mode, messages } = await call("GET", path, token);
      if (this.session.id !== id) return;
      this.seen(messages);
      messages.forEach((message) => this.arrive(message));
      this.setMode(mode);
    }

    /** Drops the conversation; what waits to be sent stays. The numbers stay too. */
    forget() {
      const { session } = this;
      this.stream?.abort();
      this.stream = null;
      this.synced = false;
      this.lastEvent = 0;
      this.shown.clear();
      this.unstored = [];
      this.held = [];
      if (session.crisis) session.helpOpen = true;
      Object.assign(session, { id: "", token: "", mode: "bot", crisis: false });
      this.save();
    }

    renew() {
      this.forget();
      this.notice(WORDS.renewed);
    }

    askToEnd(asking) {
      this.endBar.hidden = !asking;
      if (asking) this.keepButton.focus();
      else this.input.focus();
    }

    async end() {
      const { id, token } = this.session;
      this.forget();
      this.session.queue.length = 0;
      this.session.open = false; // a reload now finds the page as if nobody had chatted
      clearTimeout(this.retry);
      this.bubbles.clear();
      this.log.replaceChildren(this.typing);
      this.trouble = "";
      this.askToEnd(false);
      this.notice(WORDS.ended);
      if (!id) return;
      try {
        await call("DELETE", `v1/conversations/${id}`, token);
      } catch (failure) {
        if (!failure.gone) this.notice(WORDS.endFailed);
      }
    }

    /** Follows the event stream for as long as the conversation lasts. */
    async listen() {
      if (this.stream) return;
      const { session } = this;
      const stream = new AbortController();
      this.stream = stream;
      for (let attempt = 0; !stream.signal.aborted; attempt += 1) {
        const connection = new AbortController();
        const stop = () => connection.abort();
        stream.signal.addEventListener("abort", stop);
        let silence = setTimeout(stop, SILENCE_MS);
        try {
          const response = await fetch(new URL(`v1/conversations/${session.id}/events`, SERVER), {
            headers: headers(session.token, { "Last-Event-ID": String(this.lastEvent) }),
            signal: connection.signal,
            credentials: "omit",
            cache: "no-store",
          });
          if (stream.signal.aborted) return;
          if ([401, 404, 410].includes(response.status)) {
            this.stream = null; // the next message starts a new conversation
            return;
          }
          if (!response.ok) throw new Failure(response.status);
          attempt = 0;
          if (this.trouble) this.attempt();
          await readEvents(
            response.body,
            () => {
              clearTimeout(silence);
              silence = setTimeout(stop, SILENCE_MS);
            },
            (event) => !stream.signal.aborted && this.onEvent(event),
          );
        } catch {
          // The first loss may be a restart or a passing tunnel; after that, find out.
          if (!stream.signal.aborted && attempt > 0) await this.attempt(true);
        } finally {
          clearTimeout(silence);
          stream.signal.removeEventListener("abort", stop);
        }
        if (stream.signal.aborted) return;
        await pause(backoff(attempt));
      }
    }

    onEvent({ event, data, id }) {
      if (Number(id) > this.lastEvent) this.lastEvent = Number(id);
      const content = JSON.parse(data);
      if (event === "mode") this.setMode(content.mode);
      if (event === "message") this.arrive(content);
    }

    /** A message that is no answer to a request of ours, or one whose answer is still to come. */
    arrive(message) {
      if (message.from === "visitor") return; // our own, on screen already
      if (message.from === "bot" && this.sending.size) this.held.push(message);
      else this.receive([message]);
    }
  }

  // ---------------------------------------------------------------- styles

  // Constructable style sheets pass a site's Content-Security-Policy; <style> is for old browsers.
  function applyStyles(root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLES);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(el("style", { text: STYLES }));
    }
  }

  const STYLES = `
:host {
  all: initial;
  --ink: #16262b; --soft: #51646a; --line: #cfdadc; --paper: #fff; --wash: #f3f7f7;
  --brand: #0b5c63; --brand-dark: #084850; --alarm: #a3201d; --alarm-wash: #fdf1ef;
  color-scheme: light;
  color: var(--ink);
  font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, h3, p, ul { margin: 0; padding: 0; }
ul { list-style: none; }
a { color: var(--brand-dark); text-underline-offset: 2px; }
button {
  font: inherit; font-weight: 600; color: var(--brand-dark); background: var(--paper);
  border: 1px solid var(--brand); border-radius: 10px;
  min-height: 44px; min-width: 44px; padding: 8px 14px; cursor: pointer;
}
button:hover { background: var(--wash); }
:focus { outline: none; }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
.unseen {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}

.dock {
  position: fixed; z-index: 2147483000; right: 16px; bottom: 16px; max-width: calc(100vw - 32px);
  display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 8px;
}
.dock button { border-radius: 24px; box-shadow: 0 2px 10px #0b2f3540; }
.pill { color: var(--alarm); border-color: var(--alarm); }
.pill:hover { background: var(--alarm-wash); }
.launcher { color: #fff; background: var(--brand); padding: 8px 20px; }
.launcher:hover { background: var(--brand-dark); }
.badge { margin-left: 8px; padding: 2px 8px; border-radius: 10px; color: var(--ink); background: #fff; }

dialog {
  position: fixed; z-index: 2147483000; inset: auto 16px 16px auto; margin: 0; padding: 0;
  width: 400px; height: min(640px, calc(100vh - 32px)); max-width: none; max-height: none;
  color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 16px;
  box-shadow: 0 12px 40px #0b2f3540; overflow: hidden;
}
dialog:not([open]) { display: none; }
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: #0b2f3580; }

.head { display: flex; align-items: center; gap: 4px; padding: 8px 8px 8px 16px; color: #fff; background: var(--brand); }
.head div { flex: 1; min-width: 0; }
h2 { font-size: 17px; line-height: 1.25; overflow-wrap: anywhere; }
.head p { font-size: 13px; line-height: 1.3; }
.head .plain { color: #fff; background: none; border-color: transparent; padding: 4px 8px; font-size: 14px; }
.head .plain:hover { background: var(--brand-dark); }
.head .cross { font-size: 26px; line-height: 1; font-weight: 400; }
.head :focus-visible { outline-color: #fff; outline-offset: -3px; box-shadow: none; }

.help { background: var(--alarm-wash); border-bottom: 1px solid #e9c5c0; padding: 0 12px; }
.help-toggle {
  display: block; width: 100%; padding: 8px 4px; text-align: left;
  color: var(--alarm); background: none; border: 0; border-radius: 0;
}
.help-toggle:hover { background: none; text-decoration: underline; }
.help-toggle::before { content: "▸ "; }
.help-toggle[aria-expanded="true"]::before { content: "▾ "; }
.help-toggle:focus-visible { outline-offset: -3px; box-shadow: none; }
h3 { font-size: 16px; padding: 10px 4px 2px; color: var(--alarm); }
.help-panel { padding: 0 0 12px; font-size: 14px; line-height: 1.4; }
.help-panel p { padding: 0 4px 8px; }
.help-panel ul { display: grid; grid-template-columns: repeat(auto-fit, minmax(66px, 1fr)); gap: 6px; }
.help-panel a {
  display: flex; align-items: center; justify-content: center; height: 100%; min-height: 44px;
  padding: 4px; text-align: center; line-height: 1.2; font-weight: 700; text-decoration: none;
  color: #fff; background: var(--alarm); border: 1px solid transparent; border-radius: 10px;
}
.help-panel a:hover { text-decoration: underline; }

.log { position: relative; flex: 1; min-height: 60px; overflow-y: auto; overscroll-behavior: contain; padding: 4px 12px 12px; background: var(--paper); }
.log:focus-visible { outline-offset: -3px; box-shadow: none; }
.line { max-width: 92%; margin-top: 12px; }
.sender { font-size: 13px; color: var(--soft); padding: 0 4px 2px; }
.text { padding: 9px 13px; border: 1px solid transparent; border-radius: 4px 14px 14px; background: #eaf2f2; white-space: pre-wrap; overflow-wrap: anywhere; }
.visitor { margin-left: auto; }
.visitor .sender { text-align: right; }
.visitor .text { width: fit-content; margin-left: auto; color: #fff; background: var(--brand); border-radius: 14px 4px 14px 14px; }
.staff .text { background: #fff6df; border-color: #e2c781; }
.system { max-width: none; text-align: center; }
.system .text { font-size: 14px; color: var(--soft); background: none; padding: 2px 8px; }
.crisis .text { background: var(--alarm-wash); border-color: #dc9f98; }
.crisis a { color: var(--alarm); font-weight: 700; }
.pending .text { opacity: .85; }
.unsent .text { color: var(--ink); background: var(--paper); border: 1px dashed var(--alarm); }
.state { margin-top: 4px; font-size: 13px; color: var(--alarm); text-align: right; }
.sources { margin-top: 6px; padding: 0 4px; font-size: 13px; color: var(--soft); }
.sources > p { font-weight: 600; }
.sources li { overflow-wrap: anywhere; }
.sources a { display: inline-block; padding: 4px 0; }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; }
.choices button { text-align: left; border-radius: 22px; font-weight: 500; line-height: 1.25; }
.choices [aria-disabled] { color: var(--soft); border-color: var(--line); background: var(--wash); cursor: default; }

.typing { width: fit-content; margin-top: 12px; padding: 14px; line-height: 0; border-radius: 14px; background: #eaf2f2; }
.dot { display: inline-block; width: 7px; height: 7px; margin: 0 2px; border-radius: 50%; background: var(--soft); animation: breathe 1.2s infinite; }
.dot:nth-child(3) { animation-delay: .2s; }
.dot:nth-child(4) { animation-delay: .4s; }
@keyframes breathe { 50% { opacity: .25; } }

.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 8px 12px; font-size: 14px; background: #fff6df; border-top: 1px solid #e2c781; }
.bar span { flex: 1 1 180px; }
.bar[role] span { flex-basis: 100%; }
form { padding: 8px 12px 12px; border-top: 1px solid var(--line); background: var(--wash); }
label { display: block; padding: 0 0 4px; font-size: 13px; color: var(--soft); }
.row { display: flex; gap: 8px; align-items: flex-end; }
textarea {
  flex: 1; min-width: 0; min-height: 44px; padding: 9px 12px; resize: none; font: inherit; color: inherit;
  background: var(--paper); border: 1px solid #6f8489; border-radius: 10px;
}
textarea[aria-invalid="true"] { border-color: var(--alarm); }
.row button { color: #fff; background: var(--brand); }
.row button:hover { background: var(--brand-dark); }
.counter { padding-top: 4px; font-size: 13px; color: var(--soft); }
[aria-invalid="true"] ~ button { opacity: .6; }

@media (max-width: 480px), (max-height: 480px) {
  dialog { inset: 0; width: 100%; height: 100vh; height: 100dvh; border: 0; border-radius: 0; }
}
@media (max-height: 420px) {
  .help-panel p, label { position: absolute; width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
  .help-panel { padding-top: 4px; }
}
@media (prefers-reduced-motion: reduce) { .dot { animation: none; } }
@media (forced-colors: active) {
  .help-panel a, .typing, .head .plain { border: 1px solid; }
  .dot { background: CanvasText; }
}
@media print { :host { display: none; } }
`;

  customElements.define("front-desk-chat", FrontDeskChat);
  document.body.append(document.createElement("front-desk-chat"));
})();
