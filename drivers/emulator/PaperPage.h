// The emulator's page: one file, no dependencies. Inside the emulator only.
#pragma once

#include <string_view>

namespace souffleur::emulator {

inline constexpr std::string_view kPaperPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Receipt printer</title>
<style>
  :root { color-scheme: light dark; --ground: #e6e3de; --ink: #22201d; --body: #34312d; --quiet: #5c5750;
          --key: #fffdf9; --edge: #8d867c; --alarm: #9c1c1c; }
  @media (prefers-color-scheme: dark) {
    :root { --ground: #1f1d1b; --ink: #f1eee8; --body: #0d0c0b; --quiet: #b9b2a7; --key: #33302c; --edge: #7d766c;
            --alarm: #ff9c94; }
  }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 "Noto Sans", system-ui, sans-serif; }
  main { max-width: 30rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
  h1 { font-size: 1.125rem; margin: 0; }
  .state { margin: 0 0 .75rem; color: var(--quiet); }
  .state.alarm { color: var(--alarm); font-weight: 600; }
  .keys { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1.25rem; }
  button { min-height: 44px; padding: 0 .875rem; border: 1px solid var(--edge); border-radius: 8px; background: var(--key);
           color: inherit; font: inherit; cursor: pointer; }
  button[aria-pressed="true"] { background: var(--ink); color: var(--ground); }
  button:focus-visible, a:focus-visible { outline: 3px solid #2f6fde; outline-offset: 2px; }
  .slot { position: relative; height: 22px; margin: 0 -.25rem; border-radius: 11px; background: var(--body);
          box-shadow: inset 0 -7px 9px -5px #000, 0 1px 0 #ffffff30; z-index: 2; }
  ol { list-style: none; margin: -11px 0 0; padding: 0; }
  li { margin: 0 auto 1.5rem; max-width: 27rem; overflow: hidden; }
  li:first-child { padding: 0 .75rem; }
  li + li { padding: 0 .75rem; }
  li.new img { animation: feed 1.1s cubic-bezier(.2, .6, .3, 1); }
  img { display: block; width: 100%; height: auto; filter: drop-shadow(0 3px 5px #0000003d); }
  li a { display: inline-block; padding: .5rem 0; color: var(--quiet); }
  .none { padding: 3rem 1rem; text-align: center; color: var(--quiet); }
  @keyframes feed { from { transform: translateY(-100%); } }
  @media (prefers-reduced-motion: reduce) { li.new img { animation: none; } }
</style>
</head>
<body>
<main>
  <h1 id="name">Receipt printer</h1>
  <p class="state" id="state" role="status">Connecting</p>
  <div class="keys" role="group" aria-label="Faults and drawer">
    <button type="button" data-fault="paperOut" aria-pressed="false">Paper out</button>
    <button type="button" data-fault="paperNearEnd" aria-pressed="false">Paper low</button>
    <button type="button" data-fault="coverOpen" aria-pressed="false">Cover open</button>
    <button type="button" data-fault="cutterJam" aria-pressed="false">Cutter jam</button>
    <button type="button" data-fault="drawerOpen" aria-pressed="false">Drawer open</button>
    <button type="button" data-fault="slow" aria-pressed="false">Slow line</button>
    <button type="button" data-fault="hang" aria-pressed="false">Hang</button>
  </div>
  <div class="slot" aria-hidden="true"></div>
  <ol id="paper" aria-label="Receipts, newest first"></ol>
  <p class="none" id="none">Nothing printed yet.</p>
</main>
<script>
  const paper = document.getElementById('paper');
  const state = document.getElementById('state');
  const words = { paperOut: 'paper out', paperNearEnd: 'paper low', coverOpen: 'cover open', cutterJam: 'cutter jam',
                  slow: 'slow line', hang: 'hanging' };
  let last = 0;
  let first = true;

  function show(list) {
    document.getElementById('name').textContent = list.printer;
    const on = Object.keys(words).filter((key) => list.faults[key]);
    // An open drawer holds nothing back: a state, no fault.
    state.textContent = (on.length ? 'Fault: ' + on.map((key) => words[key]).join(', ') : 'Ready') +
                        (list.faults.drawerOpen ? '; drawer open' : '');
    state.classList.toggle('alarm', on.length > 0);
    for (const key of document.querySelectorAll('[data-fault]')) {
      key.setAttribute('aria-pressed', String(list.faults[key.dataset.fault]));
    }
    document.getElementById('none').hidden = list.receipts.length > 0;
    const fresh = list.receipts.filter((one) => one.number > last).reverse();
    for (const one of fresh) {
      const item = document.createElement('li');
      const picture = document.createElement('img');
      picture.width = one.width / 2;
      picture.height = one.height / 2;
      picture.src = '/receipts/' + one.number + '.png';
      picture.alt = one.text;
      const link = document.createElement('a');
      link.href = '/receipts/' + one.number + '.txt';
      link.textContent = 'Receipt ' + one.number + ' as text';
      item.append(picture, link);
      if (!first) item.className = 'new';
      paper.prepend(item);
      last = one.number;
    }
    while (paper.children.length > list.receipts.length) paper.lastElementChild.remove();
    first = false;
  }

  async function look() {
    try {
      show(await (await fetch('/receipts.json')).json());
    } catch {
      state.textContent = 'The printer is switched off';
      state.classList.add('alarm');
    }
    setTimeout(look, 700);
  }

  for (const key of document.querySelectorAll('[data-fault]')) {
    key.addEventListener('click', async () => {
      const on = key.getAttribute('aria-pressed') !== 'true';
      key.setAttribute('aria-pressed', String(on));
      await fetch('/faults', { method: 'POST', headers: { 'X-Emulator': '1' },
                               body: key.dataset.fault + '=' + (on ? 1 : 0) });
    });
  }
  look();
</script>
</body>
</html>
)html";

} // namespace souffleur::emulator
