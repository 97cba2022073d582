// The engines that `npm run test:engines` asks: where their browsers are, how these get here, and how one shows a page.
// No driver: a page that its server tells what to do has only to be opened.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, installWithApt, launchOptions } from '../browser.mjs';

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {'firefox' | 'webkit' | 'chromium'} kind what Vitest calls it
 * @property {string} variable of the environment, which may say where the browser is
 * @property {() => string | undefined} find
 * @property {string[]} packages of Debian that bring it
 * @property {boolean} needsDisplay whether it cannot do without a screen
 * @property {(profile: string, url: string) => string[]} words what starts it with a profile of its own on a page
 * @property {NodeJS.ProcessEnv} env
 */

/** @param {string[]} paths */
const firstOf = (...paths) => paths.find((path) => existsSync(path));

/** What Firefox does of its own accord when it is new, and no test has asked for. */
const prefs = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.systemAddon.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
  // As on a phone and a Mac: they take no room, which depends on the desktop otherwise.
  'ui.useOverlayScrollbars': 1,
};

/** @type {readonly [Engine, ...Engine[]]} */
export const engines = [
  {
    name: 'Firefox',
    kind: 'firefox',
    variable: 'FIREFOX_PATH',
    find: () => firstOf('/usr/bin/firefox-esr', '/usr/bin/firefox'),
    packages: ['firefox-esr'],
    needsDisplay: false,
    words: (profile, url) => {
      const lines = Object.entries(prefs).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`);
      writeFileSync(join(profile, 'user.js'), lines.join(''));
      return ['--headless', '--no-remote', '--profile', profile, url];
    },
    env: {},
  },
  {
    name: 'WebKitGTK',
    kind: 'webkit',
    variable: 'WEBKIT_PATH',
    // Each processor has a folder of its own.
    find: () =>
      firstOf(
        ...(existsSync('/usr/lib') ? readdirSync('/usr/lib') : []).flatMap((folder) =>
          ['webkitgtk-6.0', 'webkit2gtk-4.1'].map((version) => `/usr/lib/${folder}/${version}/MiniBrowser`),
        ),
        '/usr/libexec/webkitgtk-6.0/MiniBrowser',
        '/usr/libexec/webkit2gtk-4.1/MiniBrowser',
      ),
    packages: ['libwebkit2gtk-4.1-0', 'xvfb'],
    needsDisplay: true,
    words: (_, url) => [url],
    env: { GDK_BACKEND: 'x11', LIBGL_ALWAYS_SOFTWARE: '1' },
  },
  {
    // As in `npm test`, but on a profile that is kept on the disk, not in memory.
    name: 'Chromium',
    kind: 'chromium',
    variable: 'CHROMIUM_PATH',
    find: findChromium,
    packages: ['chromium'],
    needsDisplay: false,
    words: (profile, url) => [
      '--headless',
      '--hide-scrollbars',
      ...(launchOptions().args ?? []),
      `--user-data-dir=${profile}`,
      url,
    ],
    env: {},
  },
];

/** Where screens that nobody looks at come from. */
export const screen = '/usr/bin/Xvfb';

/**
 * What is missing for an engine, if anything, once what can be installed is.
 * @param {Engine} engine
 * @returns {string | undefined}
 */
export function missing(engine) {
  const lacks = () => [
    ...(pathOf(engine) === undefined ? [`its browser (${engine.variable} may say where it is)`] : []),
    ...(engine.needsDisplay && !existsSync(screen) ? [screen] : []),
  ];
  if (lacks().length > 0) installWithApt(...engine.packages);
  return lacks().length > 0
    ? `${lacks().join(' and ')} not found; Debian's packages: ${engine.packages.join(', ')}`
    : undefined;
}

/**
 * @param {Engine} engine
 * @returns {string | undefined}
 */
export function pathOf({ variable, find }) {
  return process.env[variable] || find();
}
