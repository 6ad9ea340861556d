// Light or dark: as the system has it, until the button `theme` says otherwise.

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

const themeButton = document.getElementById("theme");
const showTheme = () => {
  const isDark = (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  themeButton.textContent = isDark ? "Light" : "Dark";
  themeButton.setAttribute("aria-label", `Change to ${isDark ? "light" : "dark"} colours`);
  themeButton.setAttribute("aria-pressed", isDark);
};
themeButton.addEventListener("click", () => {
  const isDark = (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
  showTheme();
});
dark.addEventListener("change", showTheme);
showTheme();
