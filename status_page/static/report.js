// Does a small piece of work before a report is sent, so that floods cost something. Nobody else is asked, nothing is
// kept; without this script, or where it fails, the form is sent as it is.
(() => {
  "use strict";
  // Only there is one where the page is served safely.
  const subtle = window.crypto && crypto.subtle;
  if (!subtle) return;
  // Bytes, tries, and milliseconds: of work between two pauses, of waiting, of a proof's life.
  const BLOCK = 32768, AT_ONCE = 8, PART = 24, LONGEST = 8000, FRESH = 3600000;
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  // As in domain/heard/proof_of_work.py: the time, a random name and the number whose hash begins with `bits` zeros.
  const solve = async (subject, bits) => {
    const name = hex(crypto.getRandomValues(new Uint8Array(16)));
    const stem = `${Math.floor(Date.now() / 1000)}.${name}.`;
    const block = new Uint8Array(BLOCK), start = new TextEncoder().encode(`hubbub1|${subject}|${stem}`);
    block.set(start);
    const attempt = async (number) => {
      // The next one may write over it: digest() makes a copy before it waits.
      block.set(new TextEncoder().encode(`${number}|`), start.length);
      const hash = await subtle.digest("SHA-256", block);
      return new DataView(hash).getUint32(0) >>> (32 - bits) === 0;
    };
    let since = performance.now();
    for (let number = 0; ; number += AT_ONCE) {
      if (performance.now() - since > PART) {
        // Hashes alone never let the browser draw, or hear a key.
        await new Promise((go) => setTimeout(go));
        since = performance.now();
      }
      const found = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => attempt(number + i)));
      if (found.includes(true)) return `${stem}${number + found.indexOf(true)}`;
    }
  };

  for (const form of document.querySelectorAll("form[data-work]")) {
    const buttons = [...form.querySelectorAll("button")], field = form.elements.proof;
    const words = buttons.map((button) => button.textContent);
    let work, begun;
    const begin = () => {
      if (work && Date.now() - begun < FRESH) return work;
      begun = Date.now();
      work = solve(form.dataset.work, Number(form.dataset.bits)).catch(() => "");
      return work;
    };
    // The work is done while they write.
    form.addEventListener("focusin", begin);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (buttons[0].disabled) return;
      for (const button of buttons) button.disabled = true;
      (event.submitter || buttons[0]).textContent = form.dataset.wait;
      field.value = await Promise.race([begin(), new Promise((late) => setTimeout(late, LONGEST, ""))]);
      form.submit();
    });
    // Back from the next page: each piece of work is good for one report.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      work = undefined;
      field.value = "";
      buttons.forEach((button, place) => {
        button.disabled = false;
        button.textContent = words[place];
      });
    });
  }
})();
