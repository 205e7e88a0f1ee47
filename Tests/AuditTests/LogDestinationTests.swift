import Glibc
import Testing

@testable import Audit

@Suite struct LogDestinationTests {
  @Test("A destination's path follows the day only where files are by day")
  func paths() {
    #expect(LogDestination.standardError.path(day: 3) == nil)
    #expect(LogDestination.file("/var/log/a").path(day: 3) == "/var/log/a")
    #expect(LogDestination.daily(directory: "/srv/audit").path(day: 59) == "/srv/audit/audit-1970-03-01.jsonl")
  }

  @Test(
    "An error says what failed and names the mend where there is a plain one",
    arguments: [
      (EACCES, "cannot open the log file /x: Permission denied (let the gateway's user write there)"),
      (ENOTDIR, "cannot open the log file /x: Not a directory (name a directory)"),
      (EMFILE, "cannot open the log file /x: Too many open files"),
    ])
  func errors(code: Int32, text: String) {
    #expect(LogFileError(operation: "open the log file", path: "/x", code: code).description == text)
  }
}
