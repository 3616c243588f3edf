// Search without a server: browsers start no worker for pages that are opened from disk, a frame does the same for them.
// After the published interface of squidfunk's iframe-worker, which the theme looks for by this name.
(() => {
  if (location.protocol !== "file:") return
  self.Worker = self.IFrameWorker = class IFrameWorker extends EventTarget {
    constructor(address) {
      super()
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.title = "Suche"
      document.body.appendChild(this.frame)
      const inside = this.frame.contentWindow
      inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", {data}))
      const load = source => new Promise((resolve, reject) => {
        const script = Object.assign(inside.document.createElement("script"), {src: source, async: false, onload: resolve, onerror: reject})
        inside.document.body.appendChild(script)
      })
      inside.importScripts = (...sources) => sources.reduce((before, source) => before.then(() => load(source)), Promise.resolve())
      this.ready = load(String(address))
    }
    postMessage(data) {
      const inside = this.frame.contentWindow
      this.ready.then(() => inside.dispatchEvent(new inside.MessageEvent("message", {data}))).catch(() => {})
    }
    terminate() { this.frame.remove() }
  }
})()
