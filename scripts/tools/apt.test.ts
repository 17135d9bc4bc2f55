import { describe, expect, test } from 'vitest';
import { aptConfiguration, parseIndexTargets, parseRelease, sourceLines } from './apt.ts';

const bookworm = { id: 'debian', codename: 'bookworm' };
const listed = [
  'http://mirror.test/debian/|bookworm|main',
  'http://mirror.test/debian/|bookworm|main',
  'http://mirror.test/debian/|bookworm-updates|main',
  'http://mirror.test/security/|bookworm-security|main',
  'http://vendor.test/apt/|nodistro|main',
  '',
].join('\n');

describe('the release of a machine', () => {
  test('is read with and without quotes', () => {
    expect(parseRelease('PRETTY_NAME="Debian"\nID=debian\nVERSION_CODENAME="bookworm"\n')).toEqual(bookworm);
  });

  test('is empty when the file says nothing', () => {
    expect(parseRelease('')).toEqual({ id: '', codename: '' });
  });
});

describe('the private source list', () => {
  test('has the own release with its updates, then sid and experimental of the same mirror', () => {
    expect(sourceLines(parseIndexTargets(listed), bookworm, '/keys.gpg')).toEqual([
      'deb [signed-by=/keys.gpg] http://mirror.test/debian/ bookworm main',
      'deb [signed-by=/keys.gpg] http://mirror.test/debian/ bookworm-updates main',
      'deb [signed-by=/keys.gpg] http://mirror.test/security/ bookworm-security main',
      'deb [signed-by=/keys.gpg] http://mirror.test/debian/ sid main',
      'deb [signed-by=/keys.gpg] http://mirror.test/debian/ experimental main',
    ]);
  });

  test('has no sid on a system that is not Debian', () => {
    const targets = parseIndexTargets('http://mirror.test/ubuntu/|noble|main');
    expect(sourceLines(targets, { id: 'ubuntu', codename: 'noble' }, undefined)).toEqual([
      'deb http://mirror.test/ubuntu/ noble main',
    ]);
  });

  test('is empty when the sources name no release of this machine', () => {
    expect(sourceLines(parseIndexTargets('http://vendor.test/apt/|nodistro|main'), bookworm, undefined)).toEqual([]);
  });
});

test('the private configuration clears the hooks of the machine and keeps its own folders', () => {
  const text = aptConfiguration('/repo/.tools/apt', 'bookworm');
  expect(text).toContain('#clear APT::Update::Post-Invoke-Success;');
  expect(text).toContain('Dir::State::lists "/repo/.tools/apt/lists";');
  expect(text).toContain('APT::Default-Release "bookworm";');
});
