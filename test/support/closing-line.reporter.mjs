/** Ends the run with one plain line that a person or a script can read: `N passed, N failed`. */
export default class ClosingLineReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    // A file that could not even be loaded ran no test, and is a failure all the same.
    const line = `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`;
    // Jest prints its own summary after every reporter: only the exit is later.
    process.once('exit', () => process.stdout.write(`\n${line}\n`));
  }
}
