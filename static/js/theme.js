/* Classic script for <head>: sets data-theme before the first paint and follows the system while the choice is "system".
 *
 * localStorage "zk-theme": "light" | "dark"; absent means "system". Other scripts call window.zkTheme.
 */
(() => {
  const KEY = "zk-theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let choice = read();

  function read() {
    try {
      const saved = localStorage.getItem(KEY);
      return saved === "light" || saved === "dark" ? saved : "system";
    } catch {
      return "system"; // storage is blocked: the choice lasts for this page
    }
  }

  function apply() {
    document.documentElement.dataset.theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
  }

  window.zkTheme = {
    get choice() {
      return choice;
    },
    /** @param {"system" | "light" | "dark"} value */
    set choice(value) {
      choice = value;
      try {
        if (value === "system") localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, value);
      } catch {
        // as above
      }
      apply();
    },
  };

  dark.addEventListener("change", apply);
  addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    choice = read();
    apply();
  });
  apply();
})();
