/**
 * A clear sentence instead of a blank page: where the page is opened as a file, where the browser is too old, where a
 * part of it does not load. No module, and written as in 2012, for it must run where the page cannot.
 */
;(function () {
  var texts = {
    en: {
      file: ['Tabtune cannot be opened as a file', 'Browsers run no program of this kind from a file. In its folder run “npm start” and open http://localhost:4317/, or put this folder on any web server.'],
      old: ['This browser is too old for Tabtune', 'It lacks: MISSING. Use Chrome or Edge 116, Firefox 124, Safari 17.4 or newer.'],
      broken: ['Tabtune did not start', 'A part of the page could not be loaded or run: DETAIL. Nothing of yours is lost. Is its server still running? Reload; if that does not help, update the browser.']
    },
    zh: {
      file: ['Tabtune 不能作为文件打开', '浏览器不从文件运行这样的程序。请在它的文件夹里运行 npm start，然后打开 http://localhost:4317/，或把这个文件夹放到任意网站服务器上。'],
      old: ['这个浏览器对 Tabtune 来说太旧', '它缺少：MISSING。请使用 Chrome 或 Edge 116、Firefox 124、Safari 17.4 或更新的版本。'],
      broken: ['Tabtune 没有启动', '页面的一部分无法加载或运行：DETAIL。你的东西都还在。服务器还在运行吗？请刷新；如果仍然不行，请更新浏览器。']
    }
  }

  function language() {
    var chosen = null
    try { chosen = localStorage.getItem('tabtune-language') } catch (_) { /* storage is refused */ }
    return /^zh/i.test(chosen || navigator.language || '') ? 'zh' : 'en'
  }

  function say(what, detail) {
    var place = document.getElementById('cannot-start')
    var words = texts[language()][what]
    document.documentElement.lang = language() === 'zh' ? 'zh-Hans' : 'en'
    place.setAttribute('data-reason', what)
    place.innerHTML = '<h1></h1><p></p>'
    place.firstChild.textContent = words[0]
    place.lastChild.textContent = words[1].replace(/MISSING|DETAIL/, detail)
    place.removeAttribute('hidden')
  }

  function hasModuleWorkers() {
    var asked = false
    try {
      var options = { get type() { asked = true; return 'module' } }
      new Worker('data:text/javascript,', options).terminate()
    } catch (_) { /* refused after it read the options, or before */ }
    return asked
  }

  function missing() {
    var found = []
    if (!('noModule' in document.createElement('script'))) found.push('JavaScript modules')
    if (!Array.prototype.toSorted) found.push('ES2023')
    if (typeof AbortSignal === 'undefined' || !AbortSignal.any) found.push('AbortSignal.any')
    if (typeof Worker === 'undefined' || !hasModuleWorkers()) found.push('module workers')
    if (typeof OffscreenCanvas === 'undefined' || typeof createImageBitmap === 'undefined') found.push('OffscreenCanvas')
    if (typeof WebAssembly === 'undefined' && !navigator.gpu) found.push('WebAssembly')
    return found.join(', ')
  }

  if (location.protocol === 'file:') return say('file', '')
  var lacking = missing()
  if (lacking) return say('old', lacking)

  function started() { return document.getElementById('root').firstChild !== null }
  // What is dropped before the page can take it must not be opened in the page's place.
  function guard(event) {
    if (!started()) event.preventDefault()
  }
  addEventListener('dragover', guard)
  addEventListener('drop', guard)
  // Scripts that do not load tell their element only, so the event is caught on its way down.
  addEventListener('error', function (event) {
    if (started()) return
    var source = event.target && event.target.src
    if (event.message || source) say('broken', event.message || source)
  }, true)
  addEventListener('unhandledrejection', function (event) {
    if (!started()) say('broken', String(event.reason))
  })
})()
