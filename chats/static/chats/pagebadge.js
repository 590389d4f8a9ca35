// The number of unread messages in the title, and a dot in the icon.

const LARGEST = 99;
const NAME = document.title;

export function showPageBadge(count) {
  document.title = count ? `(${count > LARGEST ? `${LARGEST}+` : count}) ${NAME}` : NAME;
  const link = document.querySelector("link[rel=icon]");
  const href = count ? link.dataset.unread : link.dataset.read;
  if (link.getAttribute("href") !== href) link.href = href;
}
