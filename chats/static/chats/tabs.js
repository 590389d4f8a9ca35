// Tabs as the ARIA practices describe them: arrows move, only the selected one is in the tab order.

/** Returns show(tab). `whenShown` gets the tab's id. */
export function watchTabs(tablist, whenShown) {
  const tabs = [...tablist.querySelectorAll("[role=tab]")];
  const show = (chosen) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
    }
    whenShown(chosen.id);
  };
  tablist.onclick = (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) show(tab);
  };
  tablist.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
    show(next);
    next.focus();
  };
  return show;
}
