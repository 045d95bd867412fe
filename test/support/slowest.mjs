/** Says at the end of a run which ten files took longest: what to look at when the tests grow slow. */
export default class Slowest {
  onRunComplete(_contexts, { testResults }) {
    const files = testResults
      .map(({ testFilePath, perfStats }) => ({ file: testFilePath, seconds: perfStats.runtime / 1_000 }))
      .sort((one, other) => other.seconds - one.seconds)
      .slice(0, 10);
    if (testResults.length < 10) return;
    const lines = files.map(
      ({ file, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${file.replace(`${process.cwd()}/`, '')}`,
    );
    process.stderr.write(`\nThe ten slowest files:\n${lines.join('\n')}\n`);
  }
}
